using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Files.Json;
using Rebound.Files.Rows;
using Rebound.Inference.Chat;
using Rebound.Models;
using Rebound.Trajectories;
using Rebound.Trajectories.Conditions;
using Rebound.Trajectories.Formats;
using Rebound.Trajectories.Rendering;

namespace Rebound.Cli.Generate;

/// <summary>
/// A model that was trained here, asked as it was trained: by its agent card's renderer, with its prompt's words for a
/// condition.
/// </summary>
internal sealed class AgentPrompt
{
    /// <summary>Leaves messages as they stand.</summary>
    private const string AsIs = "as-is";

    public static readonly Option<string?> Condition = new("--condition")
    {
        HelpName = "NAME",
        Description = "How a model trained here is asked: positive (default), negative, none, another condition of its prompt, or "
            + $"{AsIs} for the messages as they stand",
    };

    private readonly ConversationRenderer _renderer;
    private readonly PromptTemplate? _prompt;
    private readonly string _condition;

    private readonly JsonElement? _tools;

    private AgentPrompt(ConversationRenderer renderer, AgentCard card, PromptTemplate? prompt, string condition) =>
        (_renderer, _tools, _prompt, _condition) = (renderer, card.Tools, prompt, condition);

    /// <summary>The agent that a model is, or null for one that was not trained here.</summary>
    /// <param name="reasoning">Whether to have it reason before it answers; null for as it was trained.</param>
    /// <exception cref="InputException">A condition is asked for that the model does not have.</exception>
    /// <exception cref="DataException">The agent card cannot be read.</exception>
    public static AgentPrompt? Find(CommandContext context, ModelSource source, bool? reasoning)
    {
        var asked = context.Get(Condition);
        if (ChatProfile.FindCard(source) is not { } card)
        {
            return asked is null or AsIs ? null : throw new InputException(
                $"--condition {asked}: {source.Location} has no {AgentCard.FileName}, so no conditions of its own; it was not "
                    + "trained by rebound.");
        }

        var renderer = Renderers.Create(
            card.Renderer, source.Tokenizer, source.ChatTemplateSource, source.BosToken, source.EosToken, reasoning ?? card.Reasoning);
        if (card.Prompt is not { } prompt)
        {
            return asked is null or AsIs or Conversation.Unconditioned
                ? new AgentPrompt(renderer, card, null, AsIs)
                : throw new InputException(
                    $"--condition {asked}: {source.Location} was trained on trajectories as they stand, without conditions.");
        }

        return asked == AsIs
            ? new AgentPrompt(renderer, card, null, AsIs)
            : new AgentPrompt(renderer, card, prompt, asked is null ? prompt.Positive : prompt.Find(asked));
    }

    /// <summary>A note on how the messages are changed; null if they are not.</summary>
    public string? Note => _prompt is null ? null
        : $"Asked with the prompt '{_prompt.Name}' under the condition '{_condition}'; --condition {AsIs} asks with the message alone.";

    /// <summary>A conversation, up to where the assistant's turn begins.</summary>
    /// <param name="tools">Null for those that the model was trained with.</param>
    /// <param name="file">Where the messages are from, for messages.</param>
    /// <param name="line">Their line there.</param>
    /// <exception cref="DataException">The messages cannot be read, or ask no question.</exception>
    public int[] Encode(JsonArray messages, JsonArray? tools, string file, int line)
    {
        var turns = ChatTurns.Read(messages, file, line);
        try
        {
            var worded = _prompt is null ? turns : _prompt.Apply(turns, _condition);
            return _renderer.Ask(worded, tools is null ? _tools : StrictJson.Element(tools));
        }
        catch (FormatException e)
        {
            throw new DataException(file, line, "messages", $"{e.Message}.", e);
        }
    }
}
