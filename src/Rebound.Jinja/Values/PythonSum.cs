namespace Rebound.Jinja.Values;

/// <summary>
/// Python's <c>sum</c>: as <c>+</c>, but a row of floats is summed with compensation since CPython 3.12, so that
/// <c>[0.1] * 10</c> makes 1.0 (Neumaier 1974, doi 10.1002/zamm.19740540106).
/// </summary>
internal sealed class PythonSum(RenderState state, object? start)
{
    private object? _sum = start;
    private double _compensation;

    /// <summary>Whether floats are being summed; for good no longer once anything but a number came.</summary>
    private bool? _isReal;

    public object? Value => _isReal == true ? Compensated() : _sum;

    public void Add(object? item)
    {
        if (_isReal != false && _sum is double sum)
        {
            _isReal = true;
            switch (item)
            {
                case double real:
                    var total = sum + real;
                    _compensation += Math.Abs(sum) >= Math.Abs(real) ? sum - total + real : real - total + sum;
                    _sum = total;
                    return;
                case long or bool:
                    _sum = sum + Numbers.ToReal(item);
                    return;
            }

            (_sum, _isReal) = (Compensated(), false);
        }

        _sum = Arithmetic.Add(state, _sum, item);
    }

    private double Compensated() =>
        _compensation != 0 && double.IsFinite(_compensation) ? (double)_sum! + _compensation : (double)_sum!;
}
