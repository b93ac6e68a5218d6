using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Cli.Rows;
using Rebound.Files.Rows;
using Rebound.Jinja;

namespace Rebound.Cli.Text;

/// <summary>Renders rows of messages, each with its own template or the chosen one; what a template refuses is the row's error.</summary>
internal sealed class TemplateRows(TemplateChoice choice, bool addGenerationPrompt, JsonObject? variables)
{
    private const int MostTemplatesKept = 64;

    private readonly Dictionary<ChatTemplateText, ChatTemplate> _templates = [];

    /// <summary>Sets <c>rendered</c> and <c>error</c>, of which one is null.</summary>
    /// <exception cref="DataException">A field is absent or of the wrong type.</exception>
    public void Render(Row row)
    {
        var source = row.Has("template") ? new ChatTemplateText(row.Text("template"))
            : choice.Source ?? throw row.Wrong("template", "is missing, and neither --template nor --model was given.");
        var messages = row.List("messages");
        var tools = row.Has("tools") ? row.List("tools") : null;
        var (bosToken, eosToken) = (TextOr(row, "bos_token", choice.BosText), TextOr(row, "eos_token", choice.EosText));
        var (prompt, further) = (AddGenerationPrompt(row), Variables(row));
        string? rendered = null;
        string? error = null;
        try
        {
            rendered = Template(source).Render(messages, tools, prompt, bosToken, eosToken, further);
        }
        catch (ChatTemplateException exception)
        {
            error = exception.Description;
        }

        row.Content["rendered"] = rendered;
        row.Content["error"] = error;
    }

    private ChatTemplate Template(ChatTemplateText source)
    {
        if (_templates.TryGetValue(source, out var template))
        {
            return template;
        }

        if (_templates.Count == MostTemplatesKept)
        {
            _templates.Clear();
        }

        return _templates[source] = ChatTemplate.Parse(source);
    }

    private bool AddGenerationPrompt(Row row) => !row.Has("add_generation_prompt")
        ? addGenerationPrompt
        : row.Content["add_generation_prompt"]!.GetValueKind() switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw row.Wrong("add_generation_prompt", "must be true or false."),
        };

    private JsonObject? Variables(Row row) => !row.Has("variables")
        ? variables
        : row.Content["variables"] as JsonObject ?? throw row.Wrong("variables", "must be an object.");

    private static string TextOr(Row row, string field, string fallback) => row.Has(field) ? row.Text(field) : fallback;
}
