using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using Rebound.Jinja.Values;
using Rebound.Python;

namespace Rebound.Jinja.Library;

/// <summary>The methods of Python's <c>str</c>.</summary>
internal static class StringMethods
{
    public static FrozenDictionary<string, Builtin> All { get; } = new[]
    {
        Map("strip", "chars?", (text, arguments) => TextTrimming.Trim(text, arguments[0], atStart: true, atEnd: true)),
        Map("lstrip", "chars?", (text, arguments) => TextTrimming.Trim(text, arguments[0], atStart: true, atEnd: false)),
        Map("rstrip", "chars?", (text, arguments) => TextTrimming.Trim(text, arguments[0], atStart: false, atEnd: true)),
        Map("removeprefix", "prefix", (text, arguments) => text.StartsWith(arguments.Text(0), StringComparison.Ordinal)
            ? text[arguments.Text(0).Length..]
            : text),
        Map("removesuffix", "suffix", (text, arguments) => text.EndsWith(arguments.Text(0), StringComparison.Ordinal)
            ? text[..^arguments.Text(0).Length]
            : text),
        Map("upper", "", (text, _) => CaseMapping.Upper(text)),
        Map("lower", "", (text, _) => CaseMapping.Lower(text)),
        Map("casefold", "", (text, _) => CaseMapping.Fold(text)),
        Map("swapcase", "", (text, _) => CaseMapping.Swap(text)),
        Map("title", "", (text, _) => CaseMapping.Title(text)),
        Map("capitalize", "", (text, _) => CaseMapping.Capitalize(text)),
        Map("isalpha", "", (text, _) => AllRunes(text, Rune.IsLetter)),
        Map("isalnum", "", (text, _) => AllRunes(text, IsAlphanumeric)),
        Map("isdigit", "", (text, _) => AllRunes(text, IsDigit)),
        Map("isdecimal", "", (text, _) => AllRunes(text, Rune.IsDigit)),
        Map("isnumeric", "", (text, _) => AllRunes(text, Rune.IsNumber)),
        Map("isspace", "", (text, _) => Boxed.Of(text.Length > 0 && text.All(PythonString.IsSpace))),
        Map("isascii", "", (text, _) => Boxed.Of(Ascii.IsValid(text))),
        Map("isprintable", "", (text, _) => Boxed.Of(text.Length == 0 || AllRunes(text, Repr.IsPrintable) == Boxed.True)),
        Map("isidentifier", "", (text, _) => Boxed.Of(IsIdentifier(text))),
        Map("islower", "", (text, _) => Boxed.Of(CaseMapping.IsLower(text))),
        Map("isupper", "", (text, _) => Boxed.Of(CaseMapping.IsUpper(text))),
        Map("istitle", "", (text, _) => Boxed.Of(CaseMapping.IsTitle(text))),
        Make("replace", "old new count?", TextSearch.Replace),
        Map("startswith", "prefix start? end?", (text, arguments) => TextSearch.Begins(text, arguments)),
        Map("endswith", "suffix start? end?", (text, arguments) => TextSearch.Ends(text, arguments)),
        Map("find", "sub start? end?", (text, arguments) => Boxed.Of(TextSearch.Find(text, arguments, fromEnd: false))),
        Map("rfind", "sub start? end?", (text, arguments) => Boxed.Of(TextSearch.Find(text, arguments, fromEnd: true))),
        Map("index", "sub start? end?", (text, arguments) => TextSearch.Index(text, arguments, fromEnd: false)),
        Map("rindex", "sub start? end?", (text, arguments) => TextSearch.Index(text, arguments, fromEnd: true)),
        Map("count", "sub start? end?", (text, arguments) => TextSearch.Count(text, arguments)),
        Make("split", "sep? maxsplit?", (state, text, arguments) => TextSplitting.Split(state, text, arguments, fromEnd: false)),
        Make("rsplit", "sep? maxsplit?", (state, text, arguments) => TextSplitting.Split(state, text, arguments, fromEnd: true)),
        Make("splitlines", "keepends?", (state, text, arguments) => TextSplitting.Lines(state, text, arguments.Truth(0, false))),
        Map("partition", "sep", (text, arguments) => TextSplitting.Partition(text, arguments.Text(0), fromEnd: false)),
        Map("rpartition", "sep", (text, arguments) => TextSplitting.Partition(text, arguments.Text(0), fromEnd: true)),
        Make("join", "iterable", Join),
        Make("format", "*", (state, text, arguments) =>
            BraceFormat.Apply(state, text, new CallArguments(arguments.Rest, arguments.Named))),
        Make("format_map", "mapping", (state, text, arguments) =>
            BraceFormat.Apply(state, text, new CallArguments([], Pairs(arguments[0])))),
        Make("center", "width fillchar?", (state, text, arguments) => TextPadding.Center(state, text, arguments)),
        Make("ljust", "width fillchar?", (state, text, arguments) => TextPadding.Pad(state, text, arguments, atStart: false)),
        Make("rjust", "width fillchar?", (state, text, arguments) => TextPadding.Pad(state, text, arguments, atStart: true)),
        Make("zfill", "width", (state, text, arguments) => TextPadding.ZeroFill(state, text, arguments.Count(0, 0))),
        Make("expandtabs", "tabsize?", (state, text, arguments) => TextPadding.ExpandTabs(state, text, arguments.Count(0, 8))),
    }.ToFrozenDictionary(method => method.Name);

    /// <summary><c>separator.join(iterable)</c>: every element must be text.</summary>
    private static object Join(RenderState state, string separator, Arguments arguments)
    {
        var items = Iteration.ToArray(arguments[0]);
        var texts = new string[items.Length];
        for (var index = 0; index < items.Length; index++)
        {
            texts[index] = PythonType.IsText(items[index])
                ? PythonText.Of(items[index])
                : throw Fault.Evaluation(
                    $"sequence item {index}: expected str instance, {PythonType.NameOf(items[index])} found");
        }

        return TextPadding.Join(state, separator, texts);
    }

    private static KeyValuePair<string, object?>[] Pairs(object? mapping)
    {
        var dict = mapping as DictValue ?? throw Fault.Evaluation("format_map() argument must be a mapping");
        var pairs = new KeyValuePair<string, object?>[dict.Count];
        for (var position = 0; position < pairs.Length; position++)
        {
            pairs[position] = KeyValuePair.Create(PythonText.Of(dict.Keys[position]), dict.Values[position]);
        }

        return pairs;
    }

    private static Builtin Map(string name, string parameters, Func<string, Arguments, object?> body) =>
        Make(name, parameters, (_, text, arguments) => body(text, arguments));

    private static Builtin Make(string name, string parameters, Func<RenderState, string, Arguments, object?> body) =>
        new(name, parameters, (state, self, arguments) =>
        {
            var text = (string)self!;
            state.SpendSearch(text.Length, Sought(arguments));
            return body(state, text, arguments);
        });

    /// <summary>The length of what may be looked for in the text.</summary>
    private static int Sought(Arguments arguments) => arguments.Has(0) && arguments[0] is string sought ? sought.Length : 0;

    private static object AllRunes(string text, Func<Rune, bool> holds)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            if (!holds(rune))
            {
                return Boxed.False;
            }
        }

        return Boxed.Of(text.Length > 0);
    }

    private static bool IsAlphanumeric(Rune rune) => Rune.IsLetter(rune) || Rune.IsNumber(rune);

    private static bool IsDigit(Rune rune) =>
        Rune.IsDigit(rune) || CharUnicodeInfo.GetDigitValue(rune.ToString(), 0) >= 0;

    private static bool IsIdentifier(string text)
    {
        var isFirst = true;
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value != '_' && !Rune.IsLetter(rune) && (isFirst || !Rune.IsLetterOrDigit(rune)))
            {
                return false;
            }

            isFirst = false;
        }

        return !isFirst;
    }
}
