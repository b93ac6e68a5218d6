using System.Text;
using System.Text.Json.Nodes;
using Rebound.Checkpoints;
using Rebound.Inference.Chat;
using Rebound.Jinja;
using Rebound.Models;
using Rebound.Trajectories;
using Rebound.Trajectories.Conditions;
using Rebound.Trajectories.Rendering;

namespace Rebound.Inference.Ollama;

/// <summary>
/// The Modelfile by which Ollama takes a GGUF file (https://github.com/ollama/ollama/blob/main/docs/modelfile.md): its chat template in
/// Go's language, the tokens that end an answer, and the prompt of an agent that was trained here under the condition to ask it under.
/// </summary>
public static class OllamaModelfile
{
    private const string Question = "QUESTION-TEXT";

    /// <param name="source">The model, with its adapter.</param>
    /// <param name="file">The GGUF file as the Modelfile names it.</param>
    /// <exception cref="CheckpointException">The model has no chat template, or one that Ollama's cannot say; why is said.</exception>
    public static string Write(ModelSource source, string file)
    {
        var profile = ChatProfile.Of(source);
        if (profile.Renderer.Name != ChatTemplateRenderer.RendererName || source.ChatTemplate is not { } template)
        {
            throw Cannot(source, $"it is asked by '{profile.Renderer.Name}', and not by a chat template");
        }

        try
        {
            var turns = profile.Card?.Prompt is { } prompt ? prompt.Ask(Question, prompt.Positive) : [];
            return Write(source, file, profile, Template(source, template, profile.Renderer.Reasoning), turns);
        }
        catch (Exception e) when (e is FormatException or ChatTemplateException)
        {
            throw Cannot(source, e.Message);
        }
    }

    private static string Write(
        ModelSource source, string file, ChatProfile profile, OllamaTemplate template, IReadOnlyList<Turn> turns)
    {
        var (system, opening) = (turns.FirstOrDefault(turn => turn.Role == Roles.System), turns.Where(turn => turn.Role != Roles.System));
        var shown = opening.ToArray();
        var text = new StringBuilder($"FROM {file}\n");
        text.Append($"TEMPLATE {Quoted(template.Write(shown.Length > 0 ? Wording(shown) : null))}\n");
        foreach (var token in profile.EndTokens)
        {
            text.Append($"PARAMETER stop {JsonValue.Create(source.Tokenizer.IdToToken(token)).ToJsonString(Plain)}\n");
        }

        if (system is not null)
        {
            text.Append($"SYSTEM {Quoted(system.Content)}\n");
        }

        foreach (var turn in shown.SkipLast(1))
        {
            text.Append($"MESSAGE {turn.Role} {Quoted(turn.Content)}\n");
        }

        return text.ToString();
    }

    private static readonly System.Text.Json.JsonSerializerOptions Plain =
        new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The words around the question, which stands last; null where there are none.</summary>
    private static (string Before, string After, int Place)? Wording(Turn[] turns)
    {
        var parts = turns[^1].Content.Split(Question);
        return parts is not [var before, var after] ? throw new FormatException("the prompt asks a question more than once")
            : before.Length + after.Length == 0 ? null
            : (before, after, turns.Length - 1);
    }

    private static OllamaTemplate Template(ModelSource source, ChatTemplate template, bool? reasoning)
    {
        var variables = ReasoningSwitch.For(template, reasoning);

        // Ollama puts the token that begins a text before it, where the tokenizer does.
        var begins = source.BosToken is { Length: > 0 } bos && source.Tokenizer.TryGetId(bos, out var id)
            && source.Tokenizer.Encode("a", addSpecialTokens: true)[0] == id;
        return new OllamaTemplate(turns =>
        {
            var messages = new JsonArray(
                [.. turns.Select(turn => new JsonObject { ["role"] = turn.Role, ["content"] = turn.Content })]);
            var text = template.Render(messages, tools: null, addGenerationPrompt: true, source.BosToken, source.EosToken, variables);
            return begins && text.StartsWith(source.BosToken, StringComparison.Ordinal) ? text[source.BosToken.Length..] : text;
        });
    }

    private static string Quoted(string text) => text.Contains("\"\"\"", StringComparison.Ordinal)
        ? throw new FormatException("a text of its prompt has three quotes, which a Modelfile cannot hold")
        : $"\"\"\"{text}\"\"\"";

    private static CheckpointException Cannot(ModelSource source, string why) =>
        new(source.Location, null, $"No Modelfile can be written for it: {why}.");
}
