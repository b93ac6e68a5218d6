using System.Text.Json.Nodes;
using Rebound.Jinja;
using Rebound.Text;
using Rebound.Text.Bpe;
using Rebound.Trajectories.Rendering;

namespace Rebound.Study.Comparison;

/// <summary>What makes tokens of the students' conversations; the same for all of them.</summary>
/// <param name="TokenizerJson">The <c>tokenizer.json</c>.</param>
/// <param name="Config">The <c>tokenizer_config.json</c>, with the chat template.</param>
/// <param name="StopToken">The id of the token that ends turns.</param>
internal sealed record StudentText(JsonObject TokenizerJson, JsonObject Config, Tokenizer Tokenizer, ConversationRenderer Renderer, int StopToken)
{
    private const string User = "<|user|>";
    private const string Assistant = "<|assistant|>";
    private const string End = "<|end|>";

    /// <summary>Digits stand alone, so that numbers are copied and compared digit by digit; words take the space before them.</summary>
    private const string Pattern = @"\p{N}| ?\p{L}+| ?[^\s\p{L}\p{N}]+|\s+";

    private const string Template =
        "{% for message in messages %}{{ '<|' + message.role + '|>' + message.content + '<|end|>' }}{% endfor %}"
        + "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}";

    /// <summary>Trains the vocabulary.</summary>
    /// <param name="texts">What students are going to read and write.</param>
    public static StudentText Train(IEnumerable<string> texts, int vocabularySize)
    {
        var trainer = new BpeTrainer(new BpeTrainerOptions
        {
            VocabularySize = vocabularySize,
            SpecialTokens = [End, User, Assistant],
            Pattern = Pattern,
        });
        foreach (var text in texts)
        {
            trainer.Add(text);
        }

        var json = trainer.Train();
        var tokenizer = Tokenizer.Parse(json);
        var config = new JsonObject { ["eos_token"] = End, ["chat_template"] = Template };
        return tokenizer.TryGetId(End, out var stop)
            ? new StudentText(json, config, tokenizer, Renderers.Create(ChatTemplateRenderer.RendererName, tokenizer, new ChatTemplateText(Template), "", End), stop)
            : throw new InvalidOperationException("The vocabulary lacks its own special token.");
    }
}
