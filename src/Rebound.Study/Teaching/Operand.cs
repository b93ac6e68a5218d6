namespace Rebound.Study.Teaching;

/// <summary>An operand of a step: a number, or the result of an earlier step.</summary>
internal readonly record struct Operand
{
    private readonly int _value;
    private readonly bool _isResult;

    private Operand(int value, bool isResult) => (_value, _isResult) = (value, isResult);

    public static Operand Number(int number) => new(number, isResult: false);

    /// <param name="step">Counted from 0.</param>
    public static Operand ResultOf(int step) => new(step, isResult: true);

    /// <param name="observed">The results of the steps so far.</param>
    public string Text(IReadOnlyList<string> observed) => _isResult ? observed[_value] : $"{_value}";
}
