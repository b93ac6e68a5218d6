using System.Text.Json;
using System.Text.Json.Serialization;
using Rebound.Inference.Serving;
using Rebound.Server.Agents;

namespace Rebound.Pages.Chat;

/// <summary>A model that can be chosen, as the page's script knows it.</summary>
/// <param name="Names">With the conditions that can be chosen behind it.</param>
/// <param name="Conditions">Those of its prompt.</param>
/// <param name="Agent">Whether it works on the server, where its tools run.</param>
/// <param name="ToolNames">The tools that it may call.</param>
/// <param name="Tools">The schemas that it learned with; null for none.</param>
public sealed record ChatModel(
    string Name, IReadOnlyList<string> Names, IReadOnlyList<string> Conditions, string? Positive, string? Negative, bool Agent,
    IReadOnlyList<string> ToolNames, JsonElement? Tools)
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>The models that take conversations.</summary>
    /// <param name="agents">The agents among them; null for none.</param>
    public static async Task<IReadOnlyList<ChatModel>> OfAsync(ServedModels models, ServedAgents? agents)
    {
        var tools = agents is null ? null : await agents.ToolsAsync(models);
        return
        [
            .. models.Descriptions.Where(model => model.Problem is null).Select(model => new ChatModel(
                model.Name, model.Names, model.Conditions, model.Positive, model.Negative,
                Agent: tools?.ContainsKey(model.Name) == true, tools?.GetValueOrDefault(model.Name) ?? model.ToolNames, model.Tools)),
        ];
    }

    public static string ToJson(IReadOnlyList<ChatModel> models) => JsonSerializer.Serialize(models, Format);

    /// <summary>How people are told of a name.</summary>
    /// <param name="name">The model's, or one of <see cref="Names"/>.</param>
    public string Title(string name) => name == Name
        ? Positive is null ? Name : $"{Name}, as for success"
        : name[(Name.Length + 1)..] switch
        {
            ServedModels.Raw => $"{Name}, messages as they stand",
            "negative" => $"{Name}, as for failure",
            "none" => $"{Name}, without a condition",
            var condition => $"{Name}, as for {condition}",
        };
}
