using System.Security.Cryptography;
using System.Text;
using Rebound.Jinja;
using Rebound.Python;
using Rebound.Text;
using Rebound.Trajectories;
using Rebound.Trajectories.Conditions;
using Rebound.Trajectories.Formats;
using Rebound.Trajectories.Rendering;
using Rebound.Trajectories.Selection;

namespace Rebound.Training.Documents;

/// <summary>
/// A fingerprint of everything that rendered data depend on: the content of every file, how rows are selected, prompt and method,
/// renderer, chat template and tokenizer, the length limit, and the program itself.
/// </summary>
internal static class DataFingerprint
{
    private const int HashBytesShown = 16;

    /// <exception cref="ArgumentException">The options contradict each other.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static string Of(DatasetOptions data, ConversationRenderer renderer, LengthLimit limit, TextSource text)
    {
        var prompts = data.PromptSetup ?? PromptSetup.Of(data);
        string[] parts =
        [
            .. new[] { typeof(Dataset), typeof(ChatTemplate), typeof(Tokenizer), typeof(PythonRandom) }
                .Select(type => $"{type.Assembly.GetName().Name} {type.Module.ModuleVersionId}"),
            $"format {data.Format}, positives {data.PositiveCount}, negatives {data.NegativeCount}, loss {data.NegativeLoss}",
            $"skip {data.SkipBadRows}, unsupervised {data.KeepUnsupervised}, conditions {data.Conditions}",
            $"method {data.Method} {prompts.Method}, prompt {data.Prompt is null} {data.PromptSetup is null} {PromptOf(prompts)}",
            $"length {limit.MaxLength} {limit.Policy}, renderer {renderer.Name}, reasoning {renderer.Reasoning}",
            $"tokenizer {text.Tokenizer.DefinitionFingerprint}, bos {text.BosToken}, eos {text.EosToken}",
            $"template {text.ChatTemplate?.Default}",
            $"template for tools {text.ChatTemplate?.ToolUse}",
            $"a question {Asked(renderer)}",
            .. Files(data).AsParallel().AsOrdered().Select(file => $"{file.Role} {file.Path} {HashOf(file.Path)}"),
        ];
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', parts)));
        return Convert.ToHexStringLower(hash.AsSpan(0, HashBytesShown));
    }

    private static IEnumerable<(string Role, string Path)> Files(DatasetOptions data) =>
    [
        .. Expanded("positive", data.PositivePath),
        .. Expanded("negative", data.NegativePath),
        .. data.ScoredPaths.SelectMany(path => Expanded("scored", path)),
        .. data.QuestionPath is { } questions ? [("questions", questions)] : Array.Empty<(string, string)>(),
    ];

    private static IEnumerable<(string Role, string Path)> Expanded(string role, string? path) =>
        path is null ? [] : DataFiles.Of(path).Select(file => (role, file));

    private static string HashOf(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    private static string? PromptOf(PromptSetup prompts) =>
        prompts.Prompt is { } prompt ? $"{prompt.Name} {PromptConfiguration.ToJson(prompt).ToJsonString()}" : null;

    /// <summary>The tokens of a question: some templates write the date into them.</summary>
    private static string Asked(ConversationRenderer renderer)
    {
        try
        {
            return string.Join(' ', renderer.Ask([new Turn(Roles.User, "?", Loss: false)]));
        }
        catch (Exception e) when (e is ChatTemplateException or FormatException)
        {
            return e.Message;
        }
    }
}
