using Rebound.Engine.Cpu;

namespace Rebound.Engine.Tests;

/// <summary>Which operand of a product is stored transposed.</summary>
internal enum Form
{
    Plain,
    SecondTransposed,
    FirstTransposed,
    BothTransposed,
}

/// <summary>What a product is added to.</summary>
internal enum Addition
{
    None,
    Itself,
    Row,
}

/// <summary>
/// A matrix product of random operands with strides longer than their rows, checked against sums in fp64, and for
/// writes outside of its result.
/// </summary>
internal sealed unsafe class ProductCheck
{
    private const float Canary = 1.25e30f;

    private readonly int _m, _n, _k;
    private readonly Form _form;
    private readonly Addition _addition;
    private readonly int _strideA, _strideB, _strideC;
    private readonly float[] _a, _b, _c, _bias;
    private readonly double[] _expected, _magnitude;

    public ProductCheck(int m, int n, int k, Form form, Addition addition, Random random)
    {
        (_m, _n, _k, _form, _addition) = (m, n, k, form, addition);
        var (rowsA, columnsA) = TransposedA ? (k, m) : (m, k);
        var (rowsB, columnsB) = TransposedB ? (n, k) : (k, n);
        _strideA = columnsA + random.Next(3);
        _strideB = columnsB + random.Next(3);
        _strideC = n + random.Next(3);
        _a = Numbers(random, Length(rowsA, columnsA, _strideA));
        _b = Numbers(random, Length(rowsB, columnsB, _strideB));
        _c = Numbers(random, Length(m, n, _strideC));
        _bias = Numbers(random, n);
        _expected = new double[m * n];
        _magnitude = new double[m * n];
        ComputeExpected();
    }

    private bool TransposedA => _form is Form.FirstTransposed or Form.BothTransposed;

    private bool TransposedB => _form is Form.SecondTransposed or Form.BothTransposed;

    /// <summary>Runs the product, checks it, and returns C.</summary>
    public float[] Run(Action<MatrixProduct> multiply)
    {
        const int Guard = 64;
        var c = new float[_c.Length + (2 * Guard)];
        Array.Fill(c, Canary);
        for (var row = 0; row < _m; row++)
        {
            _c.AsSpan(row * _strideC, _n).CopyTo(c.AsSpan(Guard + (row * _strideC)));
        }

        // The operands are copies that end where their last element does, so that NaNs behind it would show.
        var (a, b, bias) = (Guarded(_a), Guarded(_b), Guarded(_bias));
        fixed (float* pa = a, pb = b, pc = c, pBias = bias)
        {
            var product = MatrixProduct.Of(
                _m, _n, _k, new MatrixView((nint)pa, _strideA, TransposedA), new MatrixView((nint)pb, _strideB, TransposedB),
                pc + Guard, _strideC, _addition == Addition.Itself);
            if (_addition == Addition.Row)
            {
                product.Addend = pBias;
                product.StrideAddend = 0;
            }

            multiply(product);
        }

        for (var i = 0; i < c.Length; i++)
        {
            var (row, column) = Math.DivRem(i - Guard, _strideC);
            if (i < Guard || row >= _m || column >= _n)
            {
                Assert.True(c[i] == Canary, $"{this}: the element {i - Guard} outside of C was written.");
                continue;
            }

            // |fl(Σ) − Σ| ≤ (K + 1)·u·Σ|a·b| in any order of summation (Higham 2002, §3.1), u = 2⁻²⁴.
            var at = (row * _n) + column;
            var error = Math.Abs(c[i] - _expected[at]);
            Assert.True(
                error <= (_k + 2) * Math.ScaleB(1, -24) * _magnitude[at],
                $"{this}: C[{row}, {column}] is {c[i]}, expected {_expected[at]}.");
        }

        return c;
    }

    public override string ToString() => $"{_m}x{_n}x{_k} {_form} {_addition}";

    private static int Length(int rows, int columns, int stride) => rows == 0 ? 0 : ((rows - 1) * stride) + columns;

    private static float[] Numbers(Random random, int count)
    {
        var numbers = new float[count];
        for (var i = 0; i < count; i++)
        {
            numbers[i] = (float)(random.NextDouble() - 0.4);
        }

        return numbers;
    }

    private static float[] Guarded(float[] numbers)
    {
        var guarded = new float[numbers.Length + 64];
        Array.Fill(guarded, float.NaN);
        numbers.CopyTo(guarded, 0);
        return guarded;
    }

    private void ComputeExpected()
    {
        for (var m = 0; m < _m; m++)
        {
            for (var n = 0; n < _n; n++)
            {
                double sum = _addition switch
                {
                    Addition.Itself => _c[(m * _strideC) + n],
                    Addition.Row => _bias[n],
                    _ => 0,
                };
                var magnitude = Math.Abs(sum);
                for (var k = 0; k < _k; k++)
                {
                    var a = _a[TransposedA ? (k * _strideA) + m : (m * _strideA) + k];
                    var b = _b[TransposedB ? (n * _strideB) + k : (k * _strideB) + n];
                    sum += (double)a * b;
                    magnitude += Math.Abs((double)a * b);
                }

                _expected[(m * _n) + n] = sum;
                _magnitude[(m * _n) + n] = magnitude;
            }
        }
    }
}
