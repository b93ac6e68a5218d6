using System.Text.Json.Nodes;
using Rebound.Jinja;

namespace Rebound.Checkpoints;

/// <summary>
/// Where a model's folder keeps its chat templates: in the <c>tokenizer_config.json</c>, one or a list of named ones, or in files
/// of their own, which go before it: <c>chat_template.jinja</c> and <c>additional_chat_templates/NAME.jinja</c>. Where there is none
/// of these, that of <c>chat_template.json</c> counts, which older processors have beside a tokenizer that has none.
/// </summary>
internal static class ChatTemplateFiles
{
    public const string OlderFileName = "chat_template.json";

    private const string Key = "chat_template";

    /// <summary>Puts the templates of a folder's files into its configuration.</summary>
    /// <exception cref="ChatTemplateException">A file is not UTF-8.</exception>
    /// <exception cref="CheckpointException">A file is damaged.</exception>
    public static void AddTo(JsonObject config, string folder)
    {
        AddFiles(config, folder);
        var older = Path.Combine(folder, OlderFileName);
        if (config[Key] is null && File.Exists(older))
        {
            config[Key] = JsonFile.Read(older)[Key]?.DeepClone();
        }
    }

    private static void AddFiles(JsonObject config, string folder)
    {
        var file = Path.Combine(folder, ModelFiles.ChatTemplate);
        var main = File.Exists(file) ? ChatTemplateText.Load(file) : null;
        var named = Path.Combine(folder, TokenizerFiles.TemplatesFolderName);
        string[] others = Directory.Exists(named) ? Directory.GetFiles(named, "*.jinja") : [];
        if (others.Length == 0)
        {
            if (main is not null)
            {
                config[Key] = main;
            }

            return;
        }

        var list = new JsonArray();
        if ((main ?? DefaultOf(config[Key])) is { } template)
        {
            list.Add((JsonNode)Entry(ChatTemplateText.DefaultName, template));
        }

        foreach (var other in others.Order(StringComparer.Ordinal))
        {
            list.Add((JsonNode)Entry(Path.GetFileNameWithoutExtension(other), ChatTemplateText.Load(other)));
        }

        config[Key] = list;
    }

    /// <summary>
    /// The templates of a configuration: the only one, or the one named default and, where there is one, that named tool_use;
    /// null when there is none.
    /// </summary>
    /// <param name="location">Where the configuration is from, for errors.</param>
    /// <exception cref="CheckpointException">There are several and none is the default, or they are no templates.</exception>
    public static ChatTemplateText? Read(JsonObject config, string location)
    {
        switch (config[Key])
        {
            case null:
                return null;
            case JsonValue value when value.TryGetValue<string>(out var text):
                return new ChatTemplateText(text);
            case JsonArray list when list.All(entry => Text(entry, "name") is not null && Text(entry, "template") is not null):
                var names = string.Join(", ", list.Select(entry => Text(entry, "name")));
                var chosen = Named(list, ChatTemplateText.DefaultName) ?? (list.Count == 1 ? Text(list[0], "template") : null);
                return chosen is not null
                    ? new ChatTemplateText(chosen, Named(list, ChatTemplateText.ToolUseName))
                    : throw new CheckpointException(
                        location, null, $"'{Key}' has several templates ({names}) and none is named {ChatTemplateText.DefaultName}.");
            default:
                throw new CheckpointException(location, null, $"'{Key}' is neither a template nor a list of named ones.");
        }
    }

    /// <summary>Every template of a configuration by its name; the default one has none.</summary>
    /// <exception cref="CheckpointException">They are no templates.</exception>
    public static IReadOnlyDictionary<string, string> All(JsonObject config, string location)
    {
        var templates = new Dictionary<string, string>();
        if (Read(config, location) is not { } main)
        {
            return templates;
        }

        templates[""] = main.Default;
        foreach (var entry in config[Key] as JsonArray ?? [])
        {
            if (Text(entry, "name") is { } name and not ChatTemplateText.DefaultName && Text(entry, "template") is { } template)
            {
                templates[name] = template;
            }
        }

        return templates;
    }

    private static string? DefaultOf(JsonNode? templates) => templates is JsonArray list
        ? Named(list, ChatTemplateText.DefaultName)
        : templates is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static string? Named(JsonArray list, string name) => Text(list.LastOrDefault(entry => Text(entry, "name") == name), "template");

    private static JsonObject Entry(string name, string template) => new() { ["name"] = name, ["template"] = template };

    private static string? Text(JsonNode? node, string key) =>
        node is JsonObject entry && entry[key] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
