using System.Globalization;
using System.Text;

namespace Rebound.Jinja.Values;

/// <summary>Python's <c>repr(value)</c>: how values look inside printed lists and dicts.</summary>
internal static class Repr
{
    public static string Of(object? value)
    {
        if (value is null or bool or long or double or System.Numerics.BigInteger)
        {
            return PythonText.Of(value);
        }

        var output = new StringBuilder();
        Append(output, value);
        return output.ToString();
    }

    private static void Append(StringBuilder output, object? value)
    {
        StackGuard.Check();
        RenderState.Current?.Step();
        RenderState.Current?.CheckLength(output.Length);
        switch (value)
        {
            case string text:
                AppendQuoted(output, text);
                break;
            case Markup markup:
                output.Append("Markup(");
                AppendQuoted(output, markup.Text);
                output.Append(')');
                break;
            case ListValue list:
                AppendItems(output, "[", list.Items, "]");
                break;
            case TupleValue tuple:
                AppendItems(output, "(", tuple.Items, tuple.Count == 1 ? ",)" : ")");
                break;
            case DictValue dict:
                AppendDict(output, dict);
                break;
            case DictView view:
                output.Append(view.TypeName);
                AppendItems(output, "([", Iteration.ToArray(view), "])");
                break;
            case RangeValue range:
                output.Append(CultureInfo.InvariantCulture, $"range({range.Start}, {range.Stop}");
                output.Append(range.Step == 1 ? ")" : string.Create(CultureInfo.InvariantCulture, $", {range.Step})"));
                break;
            case NamespaceValue space:
                output.Append("<Namespace ");
                AppendDict(output, space.Attributes);
                output.Append('>');
                break;
            case Undefined:
                output.Append("Undefined");
                break;
            case MacroValue macro:
                output.Append("<Macro ");
                AppendQuoted(output, macro.Name);
                output.Append('>');
                break;
            case LoopValue loop:
                output.Append(CultureInfo.InvariantCulture, $"<LoopContext {loop.Index0 + 1}/{loop.Count}>");
                break;
            case BoundMethod method:
                output.Append($"<built-in method {method.Name} of {PythonType.NameOf(method.Self)} object>");
                break;
            case Builtin function:
                output.Append($"<function {function.Name}>");
                break;
            case GeneratorValue:
                output.Append("<generator object>");
                break;
            case Cycler or Joiner:
                output.Append($"<{PythonType.NameOf(value)} object>");
                break;
            default:
                output.Append(PythonText.Of(value));
                break;
        }
    }

    private static void AppendItems(StringBuilder output, string open, object?[] items, string close)
    {
        output.Append(open);
        for (var index = 0; index < items.Length; index++)
        {
            output.Append(index == 0 ? "" : ", ");
            Append(output, items[index]);
        }

        output.Append(close);
    }

    private static void AppendDict(StringBuilder output, DictValue dict)
    {
        output.Append('{');
        for (var position = 0; position < dict.Count; position++)
        {
            output.Append(position == 0 ? "" : ", ");
            Append(output, dict.Keys[position]);
            output.Append(": ");
            Append(output, dict.Values[position]);
        }

        output.Append('}');
    }

    private static void AppendQuoted(StringBuilder output, string text)
    {
        RenderState.Current?.ReserveText(text.Length);
        var quote = text.Contains('\'') && !text.Contains('"') ? '"' : '\'';
        output.Append(quote);
        foreach (var rune in text.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '\n' => output.Append("\\n"),
                '\r' => output.Append("\\r"),
                '\t' => output.Append("\\t"),
                '\\' => output.Append("\\\\"),
                var code when code == quote => output.Append('\\').Append(quote),
                var code when IsPrintable(rune) => output.Append(rune.ToString()),
                < 0x100 => output.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}"),
                < 0x10000 => output.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}"),
                _ => output.Append(CultureInfo.InvariantCulture, $"\\U{rune.Value:x8}"),
            };
        }

        output.Append(quote);
    }

    /// <summary>Python's <c>str.isprintable</c> for one character.</summary>
    public static bool IsPrintable(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.SpaceSeparator);
}
