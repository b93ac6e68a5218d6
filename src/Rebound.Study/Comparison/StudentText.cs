using System.Text.Json.Nodes;
using Rebound.Checkpoints;
using Rebound.Text;
using Rebound.Text.Bpe;

namespace Rebound.Study.Comparison;

/// <summary>Tokenizes the students' conversations; the same for all of them.</summary>
/// <param name="Source">The <c>tokenizer.json</c> and the <c>tokenizer_config.json</c>, with the chat template.</param>
/// <param name="StopToken">The id of the token that ends turns.</param>
internal sealed record StudentText(TokenizerSource Source, int StopToken)
{
    private const string User = "<|user|>";
    private const string Assistant = "<|assistant|>";
    private const string End = "<|end|>";

    /// <summary>Digits stand alone, so that numbers are copied and compared digit by digit; words take the space before them.</summary>
    private const string Pattern = @"\p{N}| ?\p{L}+| ?[^\s\p{L}\p{N}]+|\s+";

    private const string Template =
        "{% for message in messages %}{{ '<|' + message.role + '|>' + message.content + '<|end|>' }}{% endfor %}"
        + "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}";

    public Tokenizer Tokenizer => Source.Tokenizer;

    /// <summary>Trains the vocabulary.</summary>
    /// <param name="texts">Texts that students read and write.</param>
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

        var config = new JsonObject { ["eos_token"] = End, ["chat_template"] = Template };
        var source = TokenizerSource.Of(trainer.Train(), config);
        return source.Tokenizer.TryGetId(End, out var stop)
            ? new StudentText(source, stop)
            : throw new InvalidOperationException("The vocabulary lacks its own special token.");
    }
}
