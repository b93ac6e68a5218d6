using System.Text.Json.Nodes;
using Rebound.Cli.Rows;
using Rebound.Files.Rows;
using Rebound.Jinja;
using Rebound.Models;
using Rebound.Text;
using Rebound.Trajectories.Rendering;

namespace Rebound.Cli.Generate;

/// <summary>Turns what a person or a row says into the tokens a model reads.</summary>
/// <param name="agent">The prompt of a model that was trained here; null for any other.</param>
/// <param name="reasoning">Whether a model from elsewhere is to reason before it answers; null for
/// what its template does by itself.</param>
internal sealed class PromptEncoder(ModelSource source, AgentPrompt? agent, bool? reasoning)
{
    private const string PromptField = "prompt";
    private const string MessagesField = "messages";
    private const string ToolsField = "tools";

    private readonly Lazy<ChatTemplate> _template = new(() => ChatTemplate.Parse(source.ChatTemplateSource
        ?? throw new InputException($"{source.Location} has no chat template, so it takes no messages; give it a prompt instead.")));

    /// <summary>Plain text, as the model's tokenizer begins a text.</summary>
    public int[] EncodeText(string text) => source.Tokenizer.Encode(text, addSpecialTokens: true);

    /// <summary>A conversation, up to where the assistant's turn begins: as the agent is asked, or by the chat template.</summary>
    /// <param name="file">Where the messages are from, for messages.</param>
    /// <param name="line">Their line there.</param>
    /// <exception cref="InputException">The model has no chat template.</exception>
    public int[] EncodeMessages(JsonArray messages, JsonArray? tools, string file = "--message", int line = 1)
    {
        if (agent is not null)
        {
            return agent.Encode(messages, tools, file, line);
        }

        var text = _template.Value.Render(
            messages, tools, addGenerationPrompt: true, source.BosToken, source.EosToken, ReasoningSwitch.For(_template.Value, reasoning));
        return source.Tokenizer.Encode(text);
    }

    /// <summary>A row with <c>prompt</c> or with <c>messages</c> (and <c>tools</c>).</summary>
    /// <exception cref="DataException">The row has neither or both, or the model cannot take it.</exception>
    public int[] EncodeRow(Row row)
    {
        if (row.Has(PromptField) == row.Has(MessagesField))
        {
            throw row.Wrong(field: null, $"must have either '{PromptField}' or '{MessagesField}'.");
        }

        var (field, ids) = row.Has(PromptField)
            ? (PromptField, EncodeText(row.Text(PromptField)))
            : (MessagesField, EncodeConversation(row));
        return ids.Length switch
        {
            0 => throw row.Wrong(field, "gives no token to start from."),
            var length when length > source.Config.ContextLength => throw row.Wrong(
                field, $"has {length} tokens, and the model takes at most {source.Config.ContextLength}; shorten it."),
            _ => ids,
        };
    }

    private int[] EncodeConversation(Row row)
    {
        try
        {
            return EncodeMessages(row.List(MessagesField), row.Has(ToolsField) ? row.List(ToolsField) : null, row.File, row.Line);
        }
        catch (ChatTemplateException exception)
        {
            throw row.Wrong(MessagesField, $"the chat template refused it: {exception.Message}", exception);
        }
    }
}
