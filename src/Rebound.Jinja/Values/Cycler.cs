namespace Rebound.Jinja.Values;

/// <summary>Jinja's <c>cycler</c>: gives its items round and round.</summary>
internal sealed class Cycler(object?[] items)
{
    private int _position;

    public object? Next()
    {
        var item = items[_position];
        _position = (_position + 1) % items.Length;
        return item;
    }

    public void Reset() => _position = 0;

    public bool TryMember(string name, out object? member)
    {
        member = name == "current" ? items[_position] : null;
        return name == "current";
    }
}

/// <summary>Jinja's <c>joiner</c>: nothing on the first call, the separator on every later one.</summary>
internal sealed class Joiner(object? separator) : ICallable
{
    private bool _used;

    public object? Call(RenderState state, CallArguments arguments)
    {
        var text = _used ? separator : "";
        _used = true;
        return text;
    }
}
