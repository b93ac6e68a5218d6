using System.Numerics;

namespace Rebound.Jinja.Values;

/// <summary>Python's <c>==</c>, and the hash that goes with it.</summary>
internal static class PythonEquality
{
    /// <summary>Texts up to this length are compared and hashed in less than a step.</summary>
    private const int LongText = 256;

    public static bool AreEqual(object? left, object? right)
    {
        if (left is string leftText && right is string rightText)
        {
            return TextsAreEqual(leftText, rightText);
        }

        if (ReferenceEquals(left, right))
        {
            return left is not double number || !double.IsNaN(number);
        }

        if (left is null || right is null)
        {
            return false;
        }

        if (PythonType.IsNumber(left) && PythonType.IsNumber(right))
        {
            return NumbersAreEqual(left, right);
        }

        return (left, right) switch
        {
            (Markup or string, Markup or string) => TextsAreEqual(PythonText.Of(left), PythonText.Of(right)),
            (ListValue a, ListValue b) => ItemsAreEqual(a.Items, b.Items),
            (TupleValue a, TupleValue b) => ItemsAreEqual(a.Items, b.Items),
            (DictValue a, DictValue b) => DictsAreEqual(a, b),
            (RangeValue a, RangeValue b) => a.Count == b.Count
                && (a.Count == 0 || (a.Start == b.Start && (a.Count == 1 || a.Step == b.Step))),
            (Undefined, Undefined) => true,
            _ => false,
        };
    }

    public static int HashOf(object? value) => value switch
    {
        null => 0,
        string text => HashOf(text),
        Markup markup => HashOf(markup.Text),
        bool truth => truth ? 1 : 0,
        long number => number.GetHashCode(),
        BigInteger number => number.GetHashCode(),
        double number => HashOf(number),
        TupleValue tuple => HashOf(tuple.Items),
        ListValue or DictValue or DictView => throw Fault.Evaluation($"unhashable type: '{PythonType.NameOf(value)}'"),
        Undefined => 1,
        _ => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(value),
    };

    private static int HashOf(string text)
    {
        if (text.Length > LongText)
        {
            RenderState.Current?.SpendText(text.Length);
        }

        return string.GetHashCode(text, StringComparison.Ordinal);
    }

    private static int HashOf(double number)
    {
        if (double.IsInteger(number))
        {
            var whole = new BigInteger(number);
            return Boxed.Of(whole).GetHashCode();
        }

        return number.GetHashCode();
    }

    private static int HashOf(object?[] items)
    {
        StackGuard.Check();
        RenderState.Current?.Step();
        var hash = default(HashCode);
        foreach (var item in items)
        {
            hash.Add(HashOf(item));
        }

        return hash.ToHashCode();
    }

    private static bool NumbersAreEqual(object left, object right)
    {
        if (left is long a && right is long b)
        {
            return a == b;
        }

        return PythonOrder.CompareNumbers(left, right) == 0;
    }

    private static bool TextsAreEqual(string left, string right)
    {
        if (left.Length == right.Length && left.Length > LongText)
        {
            RenderState.Current?.SpendText(left.Length);
        }

        return left == right;
    }

    private static bool ItemsAreEqual(object?[] left, object?[] right)
    {
        StackGuard.Check();
        RenderState.Current?.Step();
        if (left.Length != right.Length)
        {
            return false;
        }

        for (var index = 0; index < left.Length; index++)
        {
            if (!AreEqual(left[index], right[index]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool DictsAreEqual(DictValue left, DictValue right)
    {
        StackGuard.Check();
        RenderState.Current?.Step();
        if (left.Count != right.Count)
        {
            return false;
        }

        for (var position = 0; position < left.Count; position++)
        {
            if (!right.TryGet(left.Keys[position], out var other) || !AreEqual(left.Values[position], other))
            {
                return false;
            }
        }

        return true;
    }
}
