using System.Text.Json;
using System.Text.Json.Nodes;
using Rebound.Files;
using Rebound.Files.Json;
using Rebound.Files.Rows;
using Rebound.Gateway.Outcomes;
using Rebound.Gateway.Protocols;
using Rebound.Server.Http;
using Rebound.Traces.Otlp;
using Rebound.Trajectories;

namespace Rebound.Gateway.Keeping;

/// <summary>
/// The conversations of a folder. What is added is in its journal before a method returns; whoever opens the folder next finds it. Safe for
/// use from several threads.
/// </summary>
internal sealed class ConversationStore : IDisposable
{
    /// <summary>The number of a list of tools that no answer had.</summary>
    private const int NoTools = -1;

    /// <summary>Where more conversations than these say the same, nobody can tell which goes on.</summary>
    private const int MostEnds = 16;

    private readonly Lock _lock = new();
    private readonly FolderLock _folder;
    private readonly ConversationTree _tree = new();
    private readonly OutcomeBook _outcomes;
    private readonly HashSet<MessageKey> _claimed = [];
    private readonly List<LinePlace> _toolLists = [];
    private readonly Dictionary<MessageKey, int> _toolListsByKey = [];
    private JournalFile _journal = null!;

    private ConversationStore(FolderLock folder, GatewayOptions options) =>
        (_folder, _outcomes) = (folder, new OutcomeBook(options.Outcomes));

    /// <summary>Whether something was added since <see cref="Longest"/>.</summary>
    public bool HasChanged { get; private set; } = true;

    /// <exception cref="FolderInUseException">Another gateway has the folder.</exception>
    /// <exception cref="DataException">The folder's journal is damaged.</exception>
    /// <exception cref="IOException">The folder cannot be written into.</exception>
    public static async Task<ConversationStore> OpenAsync(GatewayOptions options, CancellationToken cancellation)
    {
        Directory.CreateDirectory(options.Folder);
        var store = new ConversationStore(FolderLock.Take(options.Folder), options);
        try
        {
            store._journal = await JournalFile.OpenAsync(options.Folder, store.TakeAgain, cancellation);
            return store;
        }
        catch
        {
            store._folder.Dispose();
            throw;
        }
    }

    /// <summary>Finds the conversation that a request goes on with, and keeps it from others until <see cref="Release"/>.</summary>
    /// <exception cref="FormatException">It follows a response that is not here.</exception>
    public Claim Begin(Asked asked, string? scope)
    {
        var start = MessageKey.RootOf(scope);
        if (asked.Follows is { } response)
        {
            lock (_lock)
            {
                start = _tree.OfResponse(response) is { } node ? _tree.KeyOf(node)
                    : throw new FormatException("it follows a response that was not recorded here");
            }
        }

        var keys = new MessageKey[asked.Messages.Count];
        for (var (i, key) = (0, start); i < keys.Length; i++)
        {
            keys[i] = key = key.Then(asked.Messages[i]);
        }

        var rest = RestOf(asked, scope);
        lock (_lock)
        {
            MessageKey? open = null;
            var known = keys.Reverse().Append(start).Select(key => (Key: key, Node: _tree.Find(key)))
                .FirstOrDefault(at => at.Node is not null);
            if (known.Node is { } tip && _tree.OpenConversation(tip) is not null && _claimed.Add(known.Key))
            {
                open = known.Key;
            }

            var tipOfOther = open is null && rest is var (last, said) && _tree.Find(keys[last]) is null ? OtherTip(asked, said) : null;
            if (tipOfOther is { } other)
            {
                open = _tree.KeyOf(other);
            }

            var conversation = scope
                ?? (open is null ? NewConversation() : _tree.OpenConversation(tipOfOther ?? known.Node!.Value)!);
            return new Claim(asked, scope, start, keys, conversation, !_tree.HasConversation(conversation), open)
            {
                Continues = tipOfOther is { } from ? (from, rest!.Value.At) : null,
            };
        }
    }

    /// <summary>Lets other requests go on with what this one would have.</summary>
    public void Release(Claim claim)
    {
        lock (_lock)
        {
            if (claim.Claimed is { } key)
            {
                _claimed.Remove(key);
            }
        }
    }

    /// <summary>Keeps an answer with all that was said before it.</summary>
    /// <param name="reward">Its outcome, 1 or 0; null where it is not told with it.</param>
    /// <exception cref="IOException">The disk refuses; nothing is kept then.</exception>
    public void Keep(Claim claim, Answered answered, double? reward, DateTimeOffset now)
    {
        lock (_lock)
        {
            var (lines, added) = (new List<NewLine>(), new Dictionary<MessageKey, int>());
            int Number(MessageKey key, int? parent, JsonObject message)
            {
                if ((_tree.Find(key) ?? (added.TryGetValue(key, out var here) ? here : null)) is { } known)
                {
                    return known;
                }

                lines.Add(new NewLine(
                    JournalLines.OfNode(parent, claim.Scope, message), place => _tree.Add(parent, key, place, message, claim.Scope)));
                return added[key] = _tree.Count + added.Count;
            }

            var (parent, continued) = (_tree.Find(claim.Start), (int?)null);
            for (var i = 0; i < claim.Keys.Count; i++)
            {
                parent = Number(claim.Keys[i], parent, claim.Asked.Messages[i]);
                continued = i == claim.Continues?.At ? parent : continued;
            }

            var tools = ToolsOf(claim.Asked, lines);
            for (var i = 0; i < answered.Choices.Count; i++)
            {
                var (node, key) = (parent, claim.Keys.Count > 0 ? claim.Keys[^1] : claim.Start);
                foreach (var message in answered.Choices[i].Messages)
                {
                    key = key.Then(message);
                    node = Number(key, node, message);
                }

                var answer = new KeptAnswer(
                    i == 0 ? claim.Conversation : claim.Scope ?? NewConversation(),
                    answered.Choices.Count > 1 && answered.Id is { } id ? $"{id}#{i}" : answered.Id,
                    answered.Model ?? claim.Asked.Model, tools, answered.Choices[i].Finish, now.ToUnixTimeSeconds());
                lines.Add(new NewLine(JournalLines.OfAnswer(node!.Value, answer), _ => _tree.Answer(node.Value, answer)));
                if (reward is { } outcome)
                {
                    var ofConversation = answer.Response is null || _tree.OfResponse(answer.Response) is not null;
                    lines.Add(OfFeedback(ofConversation ? answer.Conversation : answer.Response!, ofConversation, outcome, null, null));
                }
            }

            if (claim.Continues is var (from, _) && continued is { } to)
            {
                lines.Add(new NewLine(JournalLines.OfContinued(from, to), _ => _tree.Continue(from, to)));
            }

            Append(lines);
        }
    }

    /// <summary>Keeps an outcome of an answer or a conversation.</summary>
    /// <returns>The problem where there is no such answer or conversation; null for none.</returns>
    /// <exception cref="IOException">The disk refuses; nothing is kept then.</exception>
    public string? Tell(string id, bool isConversation, double reward, string? explanation, string? cause)
    {
        lock (_lock)
        {
            if (isConversation ? !_tree.HasConversation(id) : _tree.OfResponse(id) is null)
            {
                return isConversation ? $"There is no conversation '{id}' here."
                    : _tree.IsAmbiguous(id) ? $"The upstream gave the id '{id}' to several answers: name the conversation."
                    : $"There is no answer '{id}' here.";
            }

            Append([OfFeedback(id, isConversation, reward, explanation, cause)]);
            return null;
        }
    }

    /// <summary>Keeps evaluations, whether what they are of is known yet or not.</summary>
    /// <exception cref="IOException">The disk refuses; nothing is kept then.</exception>
    public void Add(IReadOnlyList<(string Id, bool IsConversation, TraceEvent Evaluation)> evaluations)
    {
        lock (_lock)
        {
            Append(
            [
                .. evaluations.Select(item => new NewLine(
                    JournalLines.OfEvaluation(item.Id, item.IsConversation, item.Evaluation),
                    _ => _outcomes.Add(item.Id, item.IsConversation, item.Evaluation))),
            ]);
        }
    }

    /// <summary>All conversations as far as they came, with their outcomes.</summary>
    public IReadOnlyList<KeptConversation> Longest()
    {
        lock (_lock)
        {
            HasChanged = false;
            return
            [
                .. _tree.Longest().Select(path =>
                {
                    var (verdict, cause) = _outcomes.Of(path, _tree.IsAmbiguous);
                    var answer = path[^1].Answers[^1];
                    return new KeptConversation(
                        [.. path.Select(step => step.Place)], answer, answer.Tools is { } tools ? _toolLists[tools] : null, verdict, cause);
                }),
            ];
        }
    }

    /// <summary>Counts evaluations of what is not here.</summary>
    public int Unmatched()
    {
        lock (_lock)
        {
            return _outcomes.Unmatched(id => _tree.OfResponse(id) is not null, _tree.HasConversation);
        }
    }

    /// <summary>The message or the list of tools that stands at a place.</summary>
    public JsonElement Read(LinePlace place)
    {
        var line = _journal.Read(place);
        return line.TryGetProperty(JournalLines.Tools, out var tools) ? tools
            : line.GetProperty(JournalLines.Node).GetProperty(JournalLines.Message);
    }

    /// <summary>Returns when all is on the disk.</summary>
    public void Flush() => _journal.Flush();

    public void Dispose()
    {
        _journal.Dispose();
        _folder.Dispose();
    }

    private static string NewConversation() => Ids.New("conv-");

    /// <summary>
    /// All that a request repeats behind its system prompt, up to the last answer, and the place of that; null where there is no prompt,
    /// or no answer.
    /// </summary>
    private static (int At, MessageKey Key)? RestOf(Asked asked, string? scope)
    {
        var (messages, opening) = (asked.Messages, SystemPrompt.Length(asked.Messages));
        var at = messages.Count - 1;
        while (at >= opening && (string?)messages[at]["role"] != Roles.Assistant)
        {
            at--;
        }

        if (asked.Follows is not null || opening == 0 || at < opening)
        {
            return null;
        }

        var key = MessageKey.RootOf(scope);
        for (var i = opening; i <= at; i++)
        {
            key = key.Then(messages[i]);
        }

        return (at, key);
    }

    /// <summary>
    /// The end of the one conversation in which the same was said behind another system prompt, with the same tools; null where there is
    /// none, or where it could be several. It is claimed.
    /// </summary>
    private int? OtherTip(Asked asked, MessageKey rest)
    {
        var tools = asked.Tools is not { } list ? (int?)null : _toolListsByKey.TryGetValue(KeyOf(list), out var number) ? number : NoTools;
        string[] prompt = [.. asked.Messages.TakeWhile(SystemPrompt.IsPart).Select(message => $"{message["content"]}")];
        var ends = _tree.OpenAnswers(rest);
        return ends.Count <= MostEnds
            && ends.Where(node => _tree.LastAnswer(node).Tools == tools && SystemPrompt.AreAlike(PromptOf(node), prompt))
                .Take(2).ToArray() is [var only]
            && _claimed.Add(_tree.KeyOf(only)) ? only : null;
    }

    private IEnumerable<string> PromptOf(int node) =>
        _tree.SystemPromptOf(node).Select(place => Read(place)).Select(message =>
            message.TryGetProperty("content", out var content) && content.ValueKind == JsonValueKind.String ? content.GetString()! : "");

    private static MessageKey KeyOf(JsonNode tools) =>
        MessageKey.Root.Then(new JsonObject { ["role"] = JournalLines.Tools, ["content"] = tools.ToJsonString() });

    private NewLine OfFeedback(string id, bool isConversation, double reward, string? explanation, string? cause) => new(
        JournalLines.OfFeedback(id, isConversation, reward, explanation, cause),
        _ => _outcomes.Tell(id, isConversation, reward, explanation, cause));

    private int? ToolsOf(Asked asked, List<NewLine> lines)
    {
        if (asked.Tools is not { } tools)
        {
            return null;
        }

        var key = KeyOf(tools);
        if (_toolListsByKey.TryGetValue(key, out var known))
        {
            return known;
        }

        lines.Add(new NewLine(JournalLines.OfTools(tools), place => AddTools(key, place)));
        return _toolLists.Count;
    }

    private void AddTools(MessageKey key, LinePlace place)
    {
        _toolListsByKey.TryAdd(key, _toolLists.Count);
        _toolLists.Add(place);
    }

    /// <summary>Writes lines, and does what they say once they are written.</summary>
    private void Append(List<NewLine> lines)
    {
        HasChanged = true;
        foreach (var (line, place) in lines.Zip(_journal.Append([.. lines.Select(line => line.Json)])))
        {
            line.Take(place);
        }
    }

    private void TakeAgain(JsonElement line, LinePlace place)
    {
        try
        {
            Take(line, place);
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or ArgumentException or FormatException)
        {
            throw new InvalidDataException($"The journal is damaged: the line at byte {place.Start} cannot be used.", e);
        }
    }

    private void Take(JsonElement line, LinePlace place)
    {
        var member = line.EnumerateObject().Single();
        switch (member.Name)
        {
            case JournalLines.Node:
                TakeNode(member.Value, place);
                break;
            case JournalLines.Tools:
                AddTools(KeyOf(StrictJson.Node(member.Value)!), place);
                break;
            case JournalLines.Answer:
                var (node, answer) = JournalLines.ReadAnswer(member.Value);
                _tree.Answer(node, answer);
                break;
            case JournalLines.Continued:
                var (from, to) = JournalLines.ReadContinued(member.Value);
                _tree.Continue(from, to);
                break;
            case JournalLines.Feedback:
                var told = JournalLines.ReadFeedback(member.Value);
                _outcomes.Tell(told.Id, told.IsConversation, told.Reward, told.Explanation, told.Cause);
                break;
            case JournalLines.Evaluation:
                var (id, isConversation, evaluation) = JournalLines.ReadEvaluation(member.Value);
                _outcomes.Add(id, isConversation, evaluation);
                break;
            default:
                throw new InvalidDataException($"The journal has a line of the kind '{member.Name}', which is none of this version's.");
        }
    }

    private void TakeNode(JsonElement node, LinePlace place)
    {
        int? parent = node.GetProperty(JournalLines.Parent) is { ValueKind: JsonValueKind.Number } number ? number.GetInt32() : null;
        var scope = node.TryGetProperty(JournalLines.Scope, out var name) ? name.GetString() : null;
        var before = parent is { } above ? _tree.KeyOf(above) : MessageKey.RootOf(scope);
        var message = (JsonObject)StrictJson.Node(node.GetProperty(JournalLines.Message))!;
        _tree.Add(parent, before.Then(message), place, message, scope);
    }

    /// <summary>A line to be written, and what becomes of it when it is.</summary>
    private readonly record struct NewLine(JsonObject Json, Action<LinePlace> Take);
}
