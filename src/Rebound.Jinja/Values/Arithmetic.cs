using System.Numerics;
using Rebound.Jinja.Library;

namespace Rebound.Jinja.Values;

/// <summary>Python's arithmetic operators.</summary>
internal static class Arithmetic
{
    private const int LargestBits = 1 << 16;

    public static object? Add(RenderState state, object? left, object? right)
    {
        switch (left, right)
        {
            case (string a, string b):
                state.ReserveText((long)a.Length + b.Length);
                return string.Concat(a, b);
            case (long a, long b):
                return Boxed.Of((Int128)a + b);
            case (Markup or string, Markup or string):
                var joined = (First: Markup.Escape(left), Second: Markup.Escape(right));
                state.ReserveText((long)joined.First.Length + joined.Second.Length);
                return new Markup(joined.First + joined.Second);
            case (ListValue a, ListValue b):
                state.ReserveElements((long)a.Count + b.Count);
                return new ListValue([.. a.Items, .. b.Items]);
            case (TupleValue a, TupleValue b):
                state.ReserveElements((long)a.Count + b.Count);
                return new TupleValue([.. a.Items, .. b.Items]);
            default:
                return AreNumbers(left, right)
                    ? OnNumbers(left!, right!, BigInteger.Add, static (a, b) => a + b)
                    : throw CannotAdd(left, right);
        }
    }

    public static object? Subtract(object? left, object? right)
    {
        if (left is long a && right is long b)
        {
            return Boxed.Of((Int128)a - b);
        }

        return AreNumbers(left, right)
            ? OnNumbers(left!, right!, BigInteger.Subtract, static (a, b) => a - b)
            : throw Unsupported("-", left, right);
    }

    public static object? Multiply(RenderState state, object? left, object? right)
    {
        if (AreNumbers(left, right))
        {
            return OnNumbers(left!, right!, BigInteger.Multiply, static (a, b) => a * b);
        }

        if (PythonType.IsInteger(left) && right is string or Markup or ListValue or TupleValue)
        {
            (left, right) = (right, left);
        }

        if (!PythonType.IsInteger(right) || left is not (string or Markup or ListValue or TupleValue))
        {
            throw Unsupported("*", left, right);
        }

        var times = Math.Max(0, Numbers.ToCount(right));
        switch (left)
        {
            case ListValue list:
                return new ListValue(Repeat(state, list.Items, times));
            case TupleValue tuple:
                return new TupleValue(Repeat(state, tuple.Items, times));
            default:
                var text = PythonText.Of(left);
                state.ReserveText((long)text.Length * times);
                var repeated = string.Concat(Enumerable.Repeat(text, times));
                return left is Markup ? new Markup(repeated) : repeated;
        }
    }

    public static object? Divide(object? left, object? right)
    {
        if (!AreNumbers(left, right))
        {
            throw Unsupported("/", left, right);
        }

        var divisor = Numbers.ToReal(right!);
        return divisor == 0 ? throw Fault.Evaluation("division by zero") : Numbers.ToReal(left!) / divisor;
    }

    public static object? FloorDivide(object? left, object? right)
    {
        if (!AreNumbers(left, right))
        {
            throw Unsupported("//", left, right);
        }

        CheckDivisor(right!, "integer division or modulo by zero", "float floor division by zero", left is double);
        return OnNumbers(left!, right!, FloorDivide, FloorDivide);
    }

    public static object? Modulo(RenderState state, object? left, object? right)
    {
        if (left is string or Markup)
        {
            return PercentFormat.Apply(state, left, right);
        }

        return Remainder(left, right);
    }

    /// <summary><c>%</c> of numbers, with the sign of the divisor.</summary>
    public static object? Remainder(object? left, object? right)
    {
        if (!AreNumbers(left, right))
        {
            throw Unsupported("%", left, right);
        }

        CheckDivisor(right!, "integer modulo by zero", "float modulo", left is double);
        return OnNumbers(left!, right!, static (a, b) => a - (FloorDivide(a, b) * b), FloorModulo);
    }

    public static object? Power(object? left, object? right)
    {
        if (!AreNumbers(left, right))
        {
            throw Unsupported("** or pow()", left, right);
        }

        if (left is double || right is double || Numbers.ToBig(right!).Sign < 0)
        {
            return RealPower(Numbers.ToReal(left!), Numbers.ToReal(right!));
        }

        var (number, exponent) = (Numbers.ToBig(left!), Numbers.ToBig(right!));
        if (number.GetBitLength() * exponent > LargestBits && !BigInteger.Abs(number).IsOne)
        {
            throw Fault.Limit($"a power would have more than the limit of {LargestBits} bits");
        }

        return Boxed.Of(BigInteger.Pow(number, BigInteger.Abs(number).IsOne ? (int)(exponent % 2) : (int)exponent));
    }

    public static object? Negate(object? value) => value switch
    {
        double number => -number,
        long or bool or BigInteger => Boxed.Of(-Numbers.ToBig(value)),
        Undefined undefined => throw undefined.Used(),
        _ => throw Fault.Evaluation($"bad operand type for unary -: '{PythonType.NameOf(value)}'"),
    };

    public static object? Plus(object? value) => value switch
    {
        double => value,
        long or bool or BigInteger => Boxed.Of(Numbers.ToBig(value)),
        Undefined undefined => throw undefined.Used(),
        _ => throw Fault.Evaluation($"bad operand type for unary +: '{PythonType.NameOf(value)}'"),
    };

    private static bool AreNumbers(object? left, object? right) => PythonType.IsNumber(left) && PythonType.IsNumber(right);

    private static object? OnNumbers(
        object left, object right, Func<BigInteger, BigInteger, BigInteger> whole, Func<double, double, double> real)
    {
        if (left is double || right is double)
        {
            return real(Numbers.ToReal(left), Numbers.ToReal(right));
        }

        var (first, second) = (Numbers.ToBig(left), Numbers.ToBig(right));
        RenderState.Current?.SpendSearch(first.GetBitLength() / 16, second.GetBitLength());
        var result = whole(first, second);
        return result.GetBitLength() > LargestBits
            ? throw Fault.Limit($"an integer grew beyond the limit of {LargestBits} bits")
            : Boxed.Of(result);
    }

    private static BigInteger FloorDivide(BigInteger dividend, BigInteger divisor)
    {
        var quotient = BigInteger.DivRem(dividend, divisor, out var remainder);
        return !remainder.IsZero && remainder.Sign != divisor.Sign ? quotient - 1 : quotient;
    }

    private static double FloorDivide(double dividend, double divisor)
    {
        var quotient = Math.Round((dividend - FloorModulo(dividend, divisor)) / divisor);
        return quotient == 0 ? Math.CopySign(0, dividend / divisor) : quotient;
    }

    private static double FloorModulo(double dividend, double divisor)
    {
        var remainder = dividend % divisor;
        return remainder == 0
            ? Math.CopySign(0, divisor)
            : remainder < 0 != divisor < 0 ? remainder + divisor : remainder;
    }

    private static double RealPower(double number, double exponent)
    {
        if (number == 0 && exponent < 0)
        {
            throw Fault.Evaluation("0.0 cannot be raised to a negative power");
        }

        if (number < 0 && double.IsFinite(exponent) && !double.IsInteger(exponent))
        {
            throw Fault.Evaluation("a negative number to a fractional power is complex, which templates do not have");
        }

        var power = Math.Pow(number, exponent);
        return double.IsInfinity(power) && double.IsFinite(number) && double.IsFinite(exponent)
            ? throw Fault.Evaluation("(34, 'Numerical result out of range')")
            : power;
    }

    private static void CheckDivisor(object divisor, string wholeMessage, string realMessage, bool isReal)
    {
        if (Numbers.ToReal(divisor) == 0)
        {
            throw Fault.Evaluation(isReal || divisor is double ? realMessage : wholeMessage);
        }
    }

    private static object?[] Repeat(RenderState state, object?[] items, int times)
    {
        state.ReserveElements((long)items.Length * times);
        var repeated = new object?[items.Length * times];
        for (var round = 0; round < times; round++)
        {
            items.CopyTo(repeated, round * items.Length);
        }

        return repeated;
    }

    private static ChatTemplateException CannotAdd(object? left, object? right)
    {
        if (left is Undefined or not (string or ListValue or TupleValue) || right is Undefined)
        {
            return Unsupported("+", left, right);
        }

        var type = PythonType.NameOf(left);
        return Fault.Evaluation($"can only concatenate {type} (not \"{PythonType.NameOf(right)}\") to {type}");
    }

    private static ChatTemplateException Unsupported(string symbol, object? left, object? right)
    {
        if ((left as Undefined ?? right as Undefined) is { } undefined)
        {
            return undefined.Used();
        }

        return Fault.Evaluation($"unsupported operand type(s) for {symbol}: "
            + $"'{PythonType.NameOf(left)}' and '{PythonType.NameOf(right)}'");
    }
}
