using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Rebound.Agents.Tasks;
using Rebound.Engine;
using Rebound.Training.Runs;
using Rebound.Trajectories.Conditions;
using Rebound.Trajectories.Formats;
using Rebound.Trajectories.Selection;

namespace Rebound.Study.Workbench;

/// <summary>
/// Everything that decides what a training comes to, known without rendering its data. Files are told by what they hold, wherever they
/// lie, so that a folder of models may be moved with its data.
/// </summary>
internal static class TrainingDescription
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerOptions.Web)
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <returns>A member for every setting, such as <c>training.seed</c>, so that one that differs can be named.</returns>
    /// <exception cref="ArgumentException">Rows are chosen by a function.</exception>
    public static JsonObject Of(RunOptions options, StartingModel start, Backend backend) => Flat(new JsonObject
    {
        ["model"] = start.Fingerprint,
        ["data"] = Data(options.Data),
        ["rendering"] = Json(options.Rendering),
        ["training"] = Json(options.Training),
        ["packTokens"] = options.PackTokens,
        ["heldOut"] = Json(options.HeldOut with { Path = Contents(options.HeldOut.Path) }),
        ["saveType"] = options.SaveType.ToString(),
        ["dtype"] = backend.ElementType.ToString(),
    });

    private static JsonObject Flat(JsonObject nested) => new(nested.SelectMany(member => member.Value is JsonObject inner
        ? Flat(inner).Select(leaf => KeyValuePair.Create($"{member.Key}.{leaf.Key}", leaf.Value?.DeepClone()))
        : [KeyValuePair.Create(member.Key, member.Value?.DeepClone())]));

    private static JsonNode Data(DatasetOptions data)
    {
        if (data.Only is not null)
        {
            throw new ArgumentException("A training that is made once must choose its rows by files and counts.", nameof(data));
        }

        var json = Json(data with
        {
            PositivePath = Contents(data.PositivePath),
            NegativePath = Contents(data.NegativePath),
            ScoredPaths = [.. data.ScoredPaths.Select(path => Contents(path)!)],
            QuestionPath = Contents(data.QuestionPath),
            PromptPath = Contents(data.PromptPath),
            Prompt = File.Exists(data.Prompt) ? Contents(data.Prompt) : data.Prompt,
            PromptSetup = null,
        });
        if (data.PromptSetup is { } setup)
        {
            json["promptSetup"] = new JsonObject
            {
                ["method"] = setup.MethodName,
                ["prompt"] = setup.Prompt is { } prompt ? PromptConfiguration.ToJson(prompt) : null,
            };
        }

        return json;
    }

    /// <summary>Fingerprints of a file, or of the files of a folder.</summary>
    private static string? Contents(string? path) =>
        path is null ? null : string.Join(' ', DataFiles.Of(path).Select(QuestionLoader.Fingerprint));

    private static JsonNode Json<T>(T options) => JsonSerializer.SerializeToNode(options, Format)!;
}
