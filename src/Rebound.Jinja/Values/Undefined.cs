namespace Rebound.Jinja.Values;

/// <summary>
/// A name, attribute or element that does not exist: it prints as nothing, is false and empty, and any other use fails
/// with <paramref name="reason"/>.
/// </summary>
internal sealed class Undefined(string reason)
{
    public string Reason { get; } = reason;

    public static Undefined Variable(string name) => new($"'{name}' is undefined");

    public static Undefined Attribute(object? owner, string name) =>
        new($"'{PythonType.Describe(owner)}' has no attribute '{name}'");

    public static Undefined Element(object? owner, object? key) => key is string name
        ? Attribute(owner, name)
        : new Undefined($"{PythonType.Describe(owner)} has no element {Repr.Of(key)}");

    public static Undefined Unsafe(object? owner, string name) =>
        new($"access to attribute '{name}' of '{PythonType.NameOf(owner)}' object is unsafe.");

    public ChatTemplateException Used() => Fault.Evaluation(Reason);
}
