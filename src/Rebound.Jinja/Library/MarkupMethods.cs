using System.Collections.Frozen;
using Rebound.Jinja.Values;

namespace Rebound.Jinja.Library;

/// <summary>The methods of text marked as HTML: those of plain text, with arguments escaped and results marked again.</summary>
internal static class MarkupMethods
{
    public static FrozenDictionary<string, Builtin> All { get; } = StringMethods.All.Values
        .Select(method => new Builtin(method.Name, "*", (state, self, arguments) => Apply(state, method, (Markup)self!, arguments)))
        .ToFrozenDictionary(method => method.Name);

    private static object? Apply(RenderState state, Builtin method, Markup self, Arguments arguments)
    {
        object?[] positional = method.Name == "join" && arguments.Rest is [var items]
            ? [new ListValue([.. TextPadding.Texts(state, Iteration.Over(items), Markup.Escape)])]
            : [.. arguments.Rest.Select(EscapeText)];
        var named = arguments.Named.Select(argument => KeyValuePair.Create(argument.Key, EscapeText(argument.Value)));
        return Mark(method.Apply(state, self.Text, new CallArguments(positional, [.. named])));
    }

    private static object? EscapeText(object? value) => value is string or Markup ? Markup.Escape(value) : value;

    private static object? Mark(object? result) => result switch
    {
        string text => new Markup(text),
        ListValue list => new ListValue([.. list.Items.Select(Mark)]),
        TupleValue tuple => new TupleValue([.. tuple.Items.Select(Mark)]),
        _ => result,
    };
}
