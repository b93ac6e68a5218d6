using System.Text.Json.Nodes;
using Rebound.Jinja.Values;

namespace Rebound.Jinja;

/// <summary>A conversation that grows and is rendered again and again: a message is read once, whatever is made of it later.</summary>
public sealed class TemplateMessages
{
    private readonly List<object?> _values = [];

    /// <summary>Messages so far.</summary>
    public int Count => _values.Count;

    /// <summary>Steps that renderings took so far.</summary>
    internal long Steps { get; set; }

    internal object? Value => new ListValue([.. _values]);

    /// <summary>Adds a message as it is now: an object with <c>role</c>, <c>content</c> and what templates know.</summary>
    /// <exception cref="ChatTemplateException">It holds what no template can read.</exception>
    public void Add(JsonObject message) => _values.Add(JsonValues.Read(message));
}
