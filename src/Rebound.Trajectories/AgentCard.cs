using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Rebound.Files;
using Rebound.Files.Json;
using Rebound.Files.Rows;
using Rebound.Trajectories.Conditions;
using Rebound.Trajectories.Rendering;
using Rebound.Trajectories.Selection;

namespace Rebound.Trajectories;

/// <summary>
/// The card beside a trained model's weights, <c>rebound.json</c>: how the agent was prompted, under which conditions, and from which
/// data, so that inference can prompt it the same way.
/// </summary>
public sealed record AgentCard
{
    /// <summary>The card's name in a model's folder.</summary>
    public const string FileName = "rebound.json";

    private const string PromptField = "prompt";

    private static readonly JsonSerializerOptions Format = new(StrictJson.ForSerializer)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new StoredPrompt() },
    };

    /// <summary>
    /// The task that was named, or null. That of a file may be stored relative to the card's folder, so that both can be moved together.
    /// </summary>
    public string? Task { get; init; }

    /// <summary>The folder or file that training started from.</summary>
    public required string BaseModel { get; init; }

    /// <summary>The training method: <c>vanilla</c>, <c>nut</c> or <c>nat</c>.</summary>
    public string? Method { get; init; }

    /// <summary>
    /// The prompt with its conditions; null where conversations bring their own. Stored in the form of
    /// <see cref="PromptConfiguration"/>.
    /// </summary>
    public PromptTemplate? Prompt { get; init; }

    /// <summary>How the model learned to call tools, one of <see cref="ToolFormats"/>; null where its data shows no calls.</summary>
    public string? ToolFormat { get; init; }

    /// <summary>The schemas of the tools in training, offered word for word; null for none.</summary>
    public JsonElement? Tools { get; init; }

    /// <summary>Whether the model was trained to reason before it answers; null for its chat template's default.</summary>
    public bool? Reasoning { get; init; }

    /// <summary>The renderer of its prompts, one of <see cref="Renderers.Names"/>.</summary>
    public required string Renderer { get; init; }

    /// <summary>The text of the token that the model learned to end its turns with.</summary>
    public required string StopToken { get; init; }

    /// <summary>Documents and tokens by outcome and condition.</summary>
    public required IReadOnlyList<OutcomeCount> TrainedOn { get; init; }

    /// <summary>Optimizer steps of the training so far.</summary>
    public required int Steps { get; init; }

    /// <summary>Passes over the documents so far.</summary>
    public required double Epochs { get; init; }

    /// <summary>Writes the card into a model's folder.</summary>
    /// <exception cref="IOException">The disk refuses.</exception>
    public void Write(string folder) => WholeFile.WriteJson(Path.Combine(folder, FileName), ToJson());

    public JsonObject ToJson() => JsonSerializer.SerializeToNode(this, Format)!.AsObject();

    /// <exception cref="JsonException">A field that is needed is absent, or one has another type or an unknown value.</exception>
    /// <exception cref="DataException">The prompt is none.</exception>
    public static AgentCard Parse(JsonNode json)
    {
        var card = json.Deserialize<AgentCard>(Format)!;
        return card.TrainedOn.Any(count => count is null) ? throw new JsonException("'trained_on' holds null")
            : !double.IsFinite(card.Epochs) ? throw new JsonException("'epochs' is no finite number")
            : !Renderers.Names.Contains(card.Renderer)
                ? throw new JsonException($"'renderer' is '{card.Renderer}', and must be {string.Join(" or ", Renderers.Names)}")
            : card;
    }

    /// <summary>
    /// The card in a model's folder, with the full path of a task's file that is found from there; null where there is no card.
    /// </summary>
    /// <exception cref="DataException">It is damaged, or not a card.</exception>
    public static AgentCard? Find(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            var card = Parse(
                StrictJson.ParseNode(File.ReadAllBytes(path)) as JsonObject ?? throw new JsonException("a JSON object is needed"));
            return card.Task is { } task && IsFile(folder, task)
                ? card with { Task = Path.GetFullPath(task, Path.GetFullPath(folder)) }
                : card;
        }
        catch (JsonException e)
        {
            throw new DataException(path, null, null, $"is no agent card, {JsonProblem.Of(e)}.", e);
        }
        catch (DataException e)
        {
            throw new DataException(path, null, e.Field is null ? PromptField : $"{PromptField}.{e.Field}", e.Problem, e);
        }
    }

    /// <summary>Whether a task's name is that of a YAML file, seen from the folder; built-in ones have no ending.</summary>
    private static bool IsFile(string folder, string task) =>
        Path.GetExtension(task).ToLowerInvariant() is ".yml" or ".yaml" && File.Exists(Path.Combine(folder, task));

    private sealed class StoredPrompt : JsonConverter<PromptTemplate>
    {
        public override PromptTemplate Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            PromptConfiguration.Read(JsonNode.Parse(ref reader), $"{FileName}: {PromptField}");

        public override void Write(Utf8JsonWriter writer, PromptTemplate value, JsonSerializerOptions options) =>
            PromptConfiguration.ToJson(value).WriteTo(writer, options);
    }
}
