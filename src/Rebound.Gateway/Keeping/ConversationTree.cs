using System.Text.Json.Nodes;

namespace Rebound.Gateway.Keeping;

/// <summary>
/// All messages of all conversations, each below the one that it was said after. Conversations that begin alike share their beginning;
/// where they part, they are branches. It holds the places of messages, not the messages.
/// </summary>
internal sealed class ConversationTree
{
    private readonly List<Node> _nodes = [];
    private readonly Dictionary<MessageKey, int> _byKey = [];

    /// <summary>Answers of conversations that a system prompt opens, by all that was said behind it.</summary>
    private readonly Dictionary<MessageKey, List<int>> _byRest = [];

    private readonly Dictionary<string, int> _byResponse = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _byConversation = new(StringComparer.Ordinal);

    /// <summary>Ids that an upstream gave to several answers.</summary>
    private readonly HashSet<string> _ambiguous = new(StringComparer.Ordinal);

    /// <summary>Nodes so far: the number of the next one.</summary>
    public int Count => _nodes.Count;

    /// <summary>The node of a conversation up to a message; null for none.</summary>
    public int? Find(MessageKey key) => _byKey.TryGetValue(key, out var node) ? node : null;

    /// <summary>The conversation up to a node.</summary>
    public MessageKey KeyOf(int node) => _nodes[node].Key;

    /// <summary>The answer with an id; null where there is none, or several are.</summary>
    public int? OfResponse(string id) => !_ambiguous.Contains(id) && _byResponse.TryGetValue(id, out var node) ? node : null;

    /// <summary>Whether the upstream gave this id to several answers.</summary>
    public bool IsAmbiguous(string id) => _ambiguous.Contains(id);

    public bool HasConversation(string id) => _byConversation.ContainsKey(id);

    /// <summary>The conversation that goes on behind a node; null where it is no answer, or something was said behind it already.</summary>
    public string? OpenConversation(int node) =>
        _nodes[node] is { Answers: [.., var answer], HasChildren: false } ? answer.Conversation : null;

    /// <summary>Answers that conversations end with, in which the same was said behind their system prompts.</summary>
    /// <param name="rest">All that was said behind the prompt.</param>
    public IReadOnlyList<int> OpenAnswers(MessageKey rest) =>
        _byRest.TryGetValue(rest, out var nodes) ? [.. nodes.Where(node => OpenConversation(node) is not null)] : [];

    /// <summary>The last answer that a node is.</summary>
    public KeptAnswer LastAnswer(int node) => _nodes[node].Answers[^1];

    /// <summary>The places of the messages of the system prompt before a node, the last one first.</summary>
    public IEnumerable<LinePlace> SystemPromptOf(int node)
    {
        for (int? at = node; at is { } number; at = _nodes[number].Parent)
        {
            if (_nodes[number].IsOpening)
            {
                yield return _nodes[number].Place;
            }
        }
    }

    /// <param name="parent">Null for a conversation's first message.</param>
    /// <param name="scope">The name that a client gave the conversation; of a first message alone.</param>
    /// <returns>The node's number.</returns>
    public int Add(int? parent, MessageKey key, LinePlace place, JsonObject message, string? scope)
    {
        if (parent is { } above)
        {
            _nodes[above].HasChildren = true;
        }

        var before = parent is { } last ? _nodes[last] : null;
        var isOpening = SystemPrompt.IsPart(message) && before is null or { IsOpening: true };
        var rest = before?.Rest ?? MessageKey.RootOf(scope);
        _nodes.Add(new Node(parent, key, place)
        {
            IsOpening = isOpening,
            IsOpened = isOpening || before is { IsOpened: true },
            Rest = isOpening ? rest : rest.Then(message),
        });
        _byKey[key] = _nodes.Count - 1;
        return _nodes.Count - 1;
    }

    /// <summary>Says that a node is an answer; the same may be answered again, under other ids.</summary>
    public void Answer(int node, KeptAnswer answer)
    {
        _nodes[node].Answers.Add(answer);
        if (_nodes[node] is { IsOpened: true, Answers.Count: 1, Rest: var rest })
        {
            if (!_byRest.TryGetValue(rest, out var same))
            {
                _byRest[rest] = same = new List<int>(1);
            }

            same.Add(node);
        }

        _byConversation[answer.Conversation] = node;
        if (answer.Response is { } id && !_byResponse.TryAdd(id, node) && _byResponse[id] != node)
        {
            _ambiguous.Add(id);
        }

        for (var above = _nodes[node].Parent; above is { } at && !_nodes[at].IsAnsweredBelow; above = _nodes[at].Parent)
        {
            _nodes[at].IsAnsweredBelow = true;
        }
    }

    /// <summary>
    /// Says that a conversation goes on under another system prompt, with all that was said behind it: the answers are those of the
    /// conversation that goes on now, and the other one is its beginning.
    /// </summary>
    /// <param name="from">The answer that it ended with.</param>
    /// <param name="to">The same behind the other prompt; an answer is below it.</param>
    public void Continue(int from, int to)
    {
        (_nodes[from].HasChildren, _nodes[from].IsAnsweredBelow) = (true, true);
        for (var (old, now) = (from, to); !_nodes[old].IsOpening && !_nodes[now].IsOpening;)
        {
            foreach (var answer in _nodes[old].Answers.Where(answer => !_nodes[now].Answers.Contains(answer)))
            {
                _nodes[now].Answers.Add(answer);
                if (answer.Response is { } id && _byResponse[id] == old)
                {
                    _byResponse[id] = now;
                }

                if (_byConversation[answer.Conversation] == old)
                {
                    _byConversation[answer.Conversation] = now;
                }
            }

            (old, now) = (_nodes[old].Parent!.Value, _nodes[now].Parent!.Value);
        }
    }

    /// <summary>Conversations as far as they came: every answer that no later one follows, with all that was said before it.</summary>
    public IEnumerable<IReadOnlyList<Step>> Longest() => Enumerable.Range(0, _nodes.Count)
        .Where(node => _nodes[node] is { Answers.Count: > 0, IsAnsweredBelow: false }).Select(PathTo);

    private List<Step> PathTo(int leaf)
    {
        var path = new List<Step>();
        for (int? node = leaf; node is { } at; node = _nodes[at].Parent)
        {
            path.Add(new Step(_nodes[at].Place, [.. _nodes[at].Answers]));
        }

        path.Reverse();
        return path;
    }

    private sealed class Node(int? parent, MessageKey key, LinePlace place)
    {
        public int? Parent => parent;

        public MessageKey Key => key;

        public LinePlace Place => place;

        /// <summary>Whether it is a message of the system prompt.</summary>
        public bool IsOpening { get; init; }

        /// <summary>Whether a system prompt opens the conversation.</summary>
        public bool IsOpened { get; init; }

        /// <summary>All that was said behind the system prompt.</summary>
        public MessageKey Rest { get; init; }

        public List<KeptAnswer> Answers { get; } = new(0);

        public bool HasChildren { get; set; }

        public bool IsAnsweredBelow { get; set; }
    }
}

/// <summary>A message of a conversation.</summary>
/// <param name="Answers">The answers that it is, under each of their ids; none for a message of a client's.</param>
internal readonly record struct Step(LinePlace Place, IReadOnlyList<KeptAnswer> Answers);
