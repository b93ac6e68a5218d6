using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Agents.Scoring;
using Rebound.Agents.Tools;
using Rebound.Files.Rows;
using Rebound.Files.Yaml;
using Rebound.Trajectories;
using Rebound.Trajectories.Conditions;

namespace Rebound.Agents.Tasks;

/// <summary>
/// A task of one's own, from a YAML file: <c>name</c>, <c>questions</c> (a file, beside the YAML file if relative),
/// <c>question_field</c>, <c>ground_truth_field</c> and <c>id_field</c> (<c>question</c>, <c>answer</c> and <c>id</c> where left
/// out), <c>scorer</c> (<c>math</c>, <c>answer</c>, <c>yes-no</c>, <c>number</c>, or an object with a <c>command</c>), <c>examples</c> by
/// which it is tried, <c>tools</c>, <c>mcp</c> (servers of tools), <c>tool_format</c> (<c>react</c>, <c>native</c> or <c>auto</c>),
/// <c>prompt</c> (a built-in prompt's name, or a prompt file) and <c>template</c>.
/// </summary>
public static class UserTask
{
    private const string Name = "name";
    private const string Questions = "questions";
    private const string QuestionField = "question_field";
    private const string GroundTruthField = "ground_truth_field";
    private const string IdField = "id_field";
    private const string Scorer = "scorer";
    private const string Command = "command";
    private const string Examples = "examples";
    private const string Tools = "tools";
    private const string Servers = "mcp";
    private const string Format = "tool_format";
    private const string Prompt = "prompt";
    private const string Template = "template";

    /// <exception cref="DataException">The file is no such task; the key is named.</exception>
    public static AgentTask Load(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var fields = ConfigurationFields.Of(path, "", YamlFile.Read(path));
        fields.CheckKeys(
            Name, Questions, QuestionField, GroundTruthField, IdField, Scorer, Examples, Tools, Servers, Format, Prompt, Template);
        var questions = Path.Combine(folder, Require(fields, Questions));
        var (judge, command) = ReadJudge(fields);
        var examples = ReadExamples(fields);
        if (judge is IScorer && TaskExample.ProblemAsync(judge, examples).GetAwaiter().GetResult() is { } problem)
        {
            throw fields.Error(Examples, problem);
        }

        var prompt = fields.Text(Prompt);
        var isBuiltIn = prompt is not null && BuiltInPrompts.Names.Contains(prompt) && fields.Text(Template) is null;
        return new AgentTask(
            Require(fields, Name),
            judge,
            ReadNames(fields, Tools),
            prompt is null || isBuiltIn ? prompt : Path.Combine(folder, prompt),
            fields.Text(Template),
            new QuestionFields(
                fields.Text(QuestionField) ?? QuestionFields.Usual.Question,
                fields.Text(GroundTruthField) ?? QuestionFields.Usual.GroundTruth,
                fields.Text(IdField) ?? QuestionFields.Usual.Id))
        {
            Files = new Dictionary<string, IReadOnlyList<string>> { ["test"] = [questions] },
            NativePrompt = isBuiltIn && BuiltInPrompts.Names.Contains($"{prompt}-native") ? $"{prompt}-native" : null,
            ToolFormat = ReadFormat(fields),
            Servers = ReadNames(fields, Servers),
            JudgeCommand = command,
            Examples = examples,
        };
    }

    private static string Require(ConfigurationFields fields, string key) => fields.Text(key) switch
    {
        null => throw fields.Error(key, "is missing."),
        { Length: 0 } => throw fields.Error(key, "is empty."),
        var text => text,
    };

    /// <summary>The scorer, or the command that is to judge.</summary>
    private static (IJudge Judge, string? Command) ReadJudge(ConfigurationFields fields)
    {
        if (fields.Object[Scorer] is JsonObject)
        {
            var judge = fields.Member(Scorer)!;
            judge.CheckKeys(Command);
            var command = Require(judge, Command);
            CheckWords(judge, Command, command);
            return (new ForbiddenJudge(command), command);
        }

        var scorer = Require(fields, Scorer);
        return (
            Scorers.ByName.GetValueOrDefault(scorer)
                ?? throw fields.Error(
                    Scorer, $"'{scorer}' is none of {string.Join(", ", Scorers.ByName.Keys)}, and no object with a '{Command}'."),
            null);
    }

    private static TaskExample[] ReadExamples(ConfigurationFields fields) =>
    [
        .. fields.List(Examples).Select(example =>
        {
            example.CheckKeys("question", "answer", "given", "right");
            return new TaskExample(
                example.Text("question") ?? "",
                example.Object.ContainsKey("answer") ? example.Object["answer"]?.DeepClone() : throw example.Error("answer", "is missing."),
                example.Object["given"] switch
                {
                    JsonValue given => given.ToString(),
                    _ => throw example.Error("given", "must be the text that an agent finished with."),
                },
                example.Object["right"]?.GetValueKind() switch
                {
                    null or JsonValueKind.True => true,
                    JsonValueKind.False => false,
                    _ => throw example.Error("right", "must be true or false."),
                });
        }),
    ];

    private static ToolFormat? ReadFormat(ConfigurationFields fields) => fields.Text(Format) switch
    {
        null or ToolFormats.Auto => null,
        var text => ToolFormats.Find(text)
            ?? throw fields.Error(Format, $"'{text}' is none of {ToolFormats.React}, {ToolFormats.Native} and {ToolFormats.Auto}."),
    };

    private static string[] ReadNames(ConfigurationFields fields, string key) => fields.Object[key] switch
    {
        null => [],
        JsonArray list when list.All(name =>
            name?.GetValueKind() == JsonValueKind.String) => [.. list.Select(name => name!.GetValue<string>())],
        _ => throw fields.Error(key, "must be a list of names."),
    };

    private static void CheckWords(ConfigurationFields fields, string key, string command)
    {
        try
        {
            CommandLineWords.Split(command);
        }
        catch (FormatException e)
        {
            throw fields.Error(key, $"is no command line: {e.Message}", e);
        }
    }
}
