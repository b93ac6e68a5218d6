using System.Numerics;

namespace Rebound.Jinja.Values;

/// <summary>
/// Python's <c>&lt;</c>, <c>&lt;=</c>, <c>&gt;</c> and <c>&gt;=</c>: numbers, text, lists and tuples among their own kind.
/// </summary>
internal static class PythonOrder
{
    /// <summary>Compares numbers exactly (an integer against a float too); null when one is NaN.</summary>
    public static int? CompareNumbers(object left, object right)
    {
        if (left is double a && right is double b)
        {
            return double.IsNaN(a) || double.IsNaN(b) ? null : a.CompareTo(b);
        }

        if (left is double real)
        {
            return -CompareToReal(Numbers.ToBig(right), real);
        }

        return right is double other
            ? CompareToReal(Numbers.ToBig(left), other)
            : Numbers.ToBig(left).CompareTo(Numbers.ToBig(right));
    }

    /// <summary>Whether <paramref name="left"/> relates to <paramref name="right"/> by an ordering operator, named for errors.</summary>
    public static bool Holds(object? left, object? right, string symbol)
    {
        var order = Compare(left, right, symbol);
        return order is { } sign && symbol switch
        {
            "<" => sign < 0,
            "<=" => sign <= 0,
            ">" => sign > 0,
            _ => sign >= 0,
        };
    }

    /// <summary>The order of two values as a stable sort uses it.</summary>
    public static int ForSorting(object? left, object? right) => Compare(left, right, "<") ?? 0;

    private static int? Compare(object? left, object? right, string symbol)
    {
        if (left is long a && right is long b)
        {
            return a.CompareTo(b);
        }

        if (left is not null && right is not null && PythonType.IsNumber(left) && PythonType.IsNumber(right))
        {
            return CompareNumbers(left, right);
        }

        return (left, right) switch
        {
            (string or Markup, string or Markup) => CompareText(PythonText.Of(left), PythonText.Of(right)),
            (ListValue x, ListValue y) => CompareItems(x.Items, y.Items, symbol),
            (TupleValue x, TupleValue y) => CompareItems(x.Items, y.Items, symbol),
            (Undefined undefined, _) => throw undefined.Used(),
            (_, Undefined undefined) => throw undefined.Used(),
            _ => throw Fault.Evaluation($"'{symbol}' not supported between instances of "
                + $"'{PythonType.NameOf(left)}' and '{PythonType.NameOf(right)}'"),
        };
    }

    /// <summary>Order by code point: UTF-16 units agree with it except where surrogates meet higher units.</summary>
    private static int CompareText(string left, string right)
    {
        var common = left.AsSpan().CommonPrefixLength(right);
        RenderState.Current?.SpendText(common);
        if (common == left.Length || common == right.Length)
        {
            return left.Length.CompareTo(right.Length);
        }

        return Rank(left[common]).CompareTo(Rank(right[common]));

        static int Rank(char unit) => char.IsSurrogate(unit) ? unit + 0x10000 : unit;
    }

    private static int? CompareItems(object?[] left, object?[] right, string symbol)
    {
        StackGuard.Check();
        RenderState.Current?.Step();
        for (var index = 0; index < left.Length && index < right.Length; index++)
        {
            if (!PythonEquality.AreEqual(left[index], right[index]))
            {
                return Compare(left[index], right[index], symbol);
            }
        }

        return left.Length.CompareTo(right.Length);
    }

    private static int? CompareToReal(BigInteger whole, double real)
    {
        if (double.IsNaN(real))
        {
            return null;
        }

        if (double.IsInfinity(real))
        {
            return real > 0 ? -1 : 1;
        }

        var floor = Math.Floor(real);
        var order = whole.CompareTo(new BigInteger(floor));
        return order == 0 && real > floor ? -1 : order;
    }
}
