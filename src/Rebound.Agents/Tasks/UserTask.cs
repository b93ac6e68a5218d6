using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Agents.Scoring;
using Rebound.Trajectories;
using Rebound.Trajectories.Conditions;
using Rebound.Trajectories.Formats;

namespace Rebound.Agents.Tasks;

/// <summary>
/// A task of one's own, from a YAML file: <c>name</c>, <c>questions</c> (a file, beside the YAML file if relative),
/// <c>question_field</c>, <c>ground_truth_field</c> and <c>id_field</c> (<c>question</c>, <c>answer</c> and <c>id</c> where left
/// out), <c>scorer</c> (<c>math</c>, <c>answer</c>, <c>yes-no</c> or <c>number</c>), <c>tools</c>, <c>prompt</c> (a prompt
/// file) and <c>template</c>.
/// </summary>
public static class UserTask
{
    private const string Name = "name";
    private const string Questions = "questions";
    private const string QuestionField = "question_field";
    private const string GroundTruthField = "ground_truth_field";
    private const string IdField = "id_field";
    private const string Scorer = "scorer";
    private const string Tools = "tools";
    private const string Prompt = "prompt";
    private const string Template = "template";

    /// <exception cref="DataException">The file is no such task; the key is named.</exception>
    public static AgentTask Load(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var fields = ConfigurationFields.Of(path, "", YamlFile.Read(path));
        fields.CheckKeys(Name, Questions, QuestionField, GroundTruthField, IdField, Scorer, Tools, Prompt, Template);
        var questions = Path.Combine(folder, Require(fields, Questions));
        var scorer = Require(fields, Scorer);
        return new AgentTask(
            Require(fields, Name),
            Scorers.ByName.GetValueOrDefault(scorer)
                ?? throw fields.Error(Scorer, $"'{scorer}' is none of {string.Join(", ", Scorers.ByName.Keys)}."),
            ReadTools(fields),
            fields.Text(Prompt) is { } prompt ? Path.Combine(folder, prompt) : null,
            fields.Text(Template),
            new QuestionFields(
                fields.Text(QuestionField) ?? QuestionFields.Usual.Question,
                fields.Text(GroundTruthField) ?? QuestionFields.Usual.GroundTruth,
                fields.Text(IdField) ?? QuestionFields.Usual.Id))
        {
            Files = new Dictionary<string, IReadOnlyList<string>> { ["test"] = [questions] },
        };
    }

    private static string Require(ConfigurationFields fields, string key) => fields.Text(key) switch
    {
        null => throw fields.Error(key, "is missing."),
        { Length: 0 } => throw fields.Error(key, "is empty."),
        var text => text,
    };

    private static string[] ReadTools(ConfigurationFields fields) => fields.Object[Tools] switch
    {
        null => [],
        JsonArray list when list.All(tool => tool?.GetValueKind() == JsonValueKind.String) => [.. list.Select(tool => tool!.GetValue<string>())],
        _ => throw fields.Error(Tools, "must be a list of names."),
    };
}
