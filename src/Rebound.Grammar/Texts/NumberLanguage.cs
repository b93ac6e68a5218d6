using Rebound.Grammar.Automata;

namespace Rebound.Grammar.Texts;

/// <summary>
/// JSON's numbers within bounds, exactly, as automata over their digits. Numbers are written without needless zeros in front, with at
/// most <see cref="MostDigits"/> digits before and behind the point, which a double or a decimal holds; only those without bounds have
/// exponents.
/// </summary>
internal sealed class NumberLanguage
{
    private const int MostDigits = 15;
    private const int MostMultiple = 1000;

    private readonly NodeTable _table;
    private readonly Node _digit;
    private readonly Node _positiveDigit;
    private readonly Node _point;
    private readonly Node _minus;

    public NumberLanguage(NodeTable table)
    {
        _table = table;
        _digit = table.Bytes(ByteSet.Range('0', '9'));
        _positiveDigit = table.Bytes(ByteSet.Range('1', '9'));
        _point = table.Bytes(ByteSet.Of((byte)'.'));
        _minus = table.Bytes(ByteSet.Of((byte)'-'));
    }

    private Node Whole => _table.Choice(_table.Literal("0"), _table.Sequence(_positiveDigit, _table.Repeat(_digit, 0, MostDigits - 1)));

    private Node Fraction => _table.Optional(_table.Sequence(_point, _table.Repeat(_digit, 1, MostDigits)));

    /// <param name="multiple">Null for any; else a positive integer, or a power of ten below 1.</param>
    /// <exception cref="GrammarException">Multiples that are not done.</exception>
    public Node Of(bool isInteger, NumberBounds bounds, ExactDecimal? multiple, string place, int mostStates)
    {
        if (!bounds.IsBounded && multiple is null)
        {
            return _table.Unit(_table.Sequence(
                _table.Optional(_minus), Whole, isInteger ? _table.Empty : _table.Sequence(Fraction, Exponent())));
        }

        var digits = Multiples(isInteger, multiple, place, out var exactInteger);
        var positive = Between(bounds, exactInteger);
        var negative = Between(bounds.Negated().From(ExactDecimal.Zero, excludes: true), exactInteger);
        var language = _table.Choice(positive, _table.Sequence(_minus, negative));
        return FiniteAutomaton.Of(_table.Common(language, digits), _table, place, mostStates);
    }

    private Node Exponent() => _table.Optional(_table.Sequence(
        _table.Bytes(ByteSet.Of((byte)'e') | ByteSet.Of((byte)'E')),
        _table.Optional(_table.Bytes(ByteSet.Of((byte)'+') | ByteSet.Of((byte)'-'))),
        _table.Choice(_digit, _table.Sequence(_table.Bytes(ByteSet.Of((byte)'1')), _digit))));

    /// <summary>Texts of digits that are multiples, whatever the bounds.</summary>
    private Node Multiples(bool isInteger, ExactDecimal? multiple, string place, out bool exactInteger)
    {
        exactInteger = isInteger || multiple is { IsInteger: true };
        if (multiple is not { } step)
        {
            return _table.Anything;
        }

        if (step.Sign > 0 && step.Digits.IsOne && step.Exponent < 0)
        {
            return isInteger ? _table.Anything : _table.Sequence(
                _table.Optional(_minus), _table.Repeat(_digit, 1),
                _table.Optional(_table.Sequence(_point, _table.Repeat(_digit, 1, -step.Exponent))));
        }

        if (step.Sign <= 0 || !step.IsInteger || step.Order(new ExactDecimal(MostMultiple, 0)) > 0)
        {
            throw new GrammarException(
                place, $"multipleOf is done for whole numbers from 1 to {MostMultiple} and for 0.1, 0.01 and so on; take it out.");
        }

        return _table.Sequence(_table.Optional(_minus), Remainders((int)step.Digits * (int)Math.Pow(10, step.Exponent)));
    }

    /// <summary>Digits whose number is a multiple: a state for each remainder.</summary>
    private Node Remainders(int step)
    {
        var moves = Enumerable.Range(0, step).Select(remainder => Enumerable.Range(0, 10)
            .Select(digit => (ByteSet.Of((byte)('0' + digit)), ((remainder * 10) + digit) % step))
            .GroupBy(move => move.Item2).Select(group => (group.Aggregate(ByteSet.None, (set, move) => set | move.Item1), group.Key))
            .ToArray());
        return FiniteAutomaton.Of([.. Enumerable.Range(0, step).Select(remainder => remainder == 0)], [.. moves], _table);
    }

    /// <summary>Numbers that are not negative.</summary>
    private Node Between(NumberBounds bounds, bool isInteger)
    {
        var fraction = isInteger ? _table.Empty : Fraction;
        var least = bounds.Least is { } low && low.Sign >= 0
            ? AtLeast(low, bounds.ExcludesLeast, isInteger)
            : _table.Sequence(Whole, fraction);
        return bounds.Most is not { } high ? least
            : high.Sign < 0 ? _table.Never
            : _table.Common(least, AtMost(high, bounds.ExcludesMost, isInteger));
    }

    private Node AtLeast(ExactDecimal bound, bool excludes, bool isInteger)
    {
        var (whole, fraction) = (bound.Whole, bound.Fraction);
        var any = isInteger ? _table.Empty : Fraction;
        var longer = whole.Length >= MostDigits
            ? _table.Never
            : _table.Sequence(_positiveDigit, _table.Repeat(_digit, whole.Length, MostDigits - 1), any);
        var rest = isInteger
            ? (fraction.Length > 0 || excludes ? _table.Never : _table.Empty)
            : FractionAtLeast(fraction, excludes);
        return _table.Choice([longer, _table.Sequence(_table.Literal(whole), rest), .. Beyond(whole, above: true, any)]);
    }

    private Node AtMost(ExactDecimal bound, bool excludes, bool isInteger)
    {
        var (whole, fraction) = (bound.Whole, bound.Fraction);
        var any = isInteger ? _table.Empty : Fraction;
        var shorter = whole.Length == 1
            ? _table.Never
            : _table.Sequence(_table.Choice(
                _table.Literal("0"), _table.Sequence(_positiveDigit, _table.Repeat(_digit, 0, whole.Length - 2))), any);
        var rest = isInteger
            ? (fraction.Length == 0 && excludes ? _table.Never : _table.Empty)
            : FractionAtMost(fraction, excludes);
        return _table.Choice([shorter, _table.Sequence(_table.Literal(whole), rest), .. Beyond(whole, above: false, any)]);
    }

    /// <summary>Whole parts of as many digits that are above or below a bound from one of their digits on.</summary>
    private IEnumerable<Node> Beyond(string whole, bool above, Node rest)
    {
        for (var i = 0; i < whole.Length; i++)
        {
            var least = i == 0 && whole.Length > 1 ? '1' : '0';
            var set = above ? ByteSet.Range(whole[i] + 1, '9') : ByteSet.Range(least, whole[i] - 1);
            var after = whole.Length - i - 1;
            yield return _table.Sequence(
                _table.Literal(whole[..i]), _table.Bytes(set), _table.Repeat(_digit, after, after), rest);
        }
    }

    /// <summary>The end of a number whose whole part equals the bound's.</summary>
    private Node FractionAtLeast(string bound, bool excludes)
    {
        var nonZero = _table.Sequence(
            _table.Repeat(_table.Bytes(ByteSet.Of((byte)'0')), 0), _positiveDigit, _table.Repeat(_digit, 0));
        if (bound.Length == 0)
        {
            return excludes ? Limited(nonZero) : Fraction;
        }

        var above = Enumerable.Range(0, bound.Length).Select(i => _table.Sequence(
            _table.Literal(bound[..i]), _table.Bytes(ByteSet.Range(bound[i] + 1, '9')), _table.Repeat(_digit, 0)));
        return Limited(_table.Choice(
            [.. above, _table.Sequence(_table.Literal(bound), excludes ? nonZero : _table.Repeat(_digit, 0))]));
    }

    private Node FractionAtMost(string bound, bool excludes)
    {
        var zeros = _table.Repeat(_table.Bytes(ByteSet.Of((byte)'0')), 0);
        if (bound.Length == 0)
        {
            return excludes ? _table.Never : _table.Optional(Limited(zeros));
        }

        var below = Enumerable.Range(0, bound.Length).SelectMany(i => (Node[])[
            _table.Sequence(_table.Literal(bound[..i]), _table.Bytes(ByteSet.Range('0', bound[i] - 1)), _table.Repeat(_digit, 0)),
            _table.Literal(bound[..i])]);
        var equal = excludes ? _table.Never : _table.Sequence(_table.Literal(bound), zeros);
        return _table.Optional(Limited(_table.Choice([.. below, equal])));
    }

    private Node Limited(Node digits) =>
        _table.Sequence(_point, _table.Common(digits, _table.Repeat(_digit, 1, MostDigits)));
}
