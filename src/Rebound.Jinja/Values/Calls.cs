namespace Rebound.Jinja.Values;

/// <summary>Something a template can call.</summary>
internal interface ICallable
{
    object? Call(RenderState state, CallArguments arguments);
}

/// <summary>The arguments of a call, by position and by name.</summary>
internal readonly record struct CallArguments(object?[] Positional, KeyValuePair<string, object?>[] Named)
{
    public static readonly CallArguments None = new([], []);

    public static CallArguments Of(params object?[] positional) => new(positional, []);

    /// <summary>All but the first positional argument.</summary>
    public CallArguments Rest => new(Positional[1..], Named);
}

/// <summary>The body of a built-in function, filter, test or method; <paramref name="self"/> is None for functions.</summary>
internal delegate object? BuiltinBody(RenderState state, object? self, Arguments arguments);

/// <summary>A function, filter, test or method that this library brings.</summary>
internal sealed class Builtin(string name, string parameters, BuiltinBody body) : ICallable
{
    private readonly Signature _signature = new(name, parameters);

    public string Name { get; } = name;

    public object? Call(RenderState state, CallArguments arguments) => Apply(state, null, arguments);

    public object? Apply(RenderState state, object? self, CallArguments arguments) =>
        body(state, self, _signature.Bind(arguments));
}

/// <summary>A method taken from a value, as <c>message.content.strip</c> before it is called.</summary>
internal sealed class BoundMethod(Builtin method, object? self) : ICallable
{
    public string Name => method.Name;

    public object? Self { get; } = self;

    public object? Call(RenderState state, CallArguments arguments) => method.Apply(state, Self, arguments);
}
