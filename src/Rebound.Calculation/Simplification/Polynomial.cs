using System.Numerics;
using Rebound.Calculation.Expressions;
using Rebound.Calculation.Numbers;

namespace Rebound.Calculation.Simplification;

/// <summary>A polynomial with rational coefficients, in as many generators as its monomials have exponents.</summary>
internal sealed class Polynomial
{
    /// <summary>Steps of <see cref="Work"/> that a term takes beside those of its generators.</summary>
    private const int StepsOfTerm = 2;

    /// <summary>Generators of a term that are a step.</summary>
    private const int GeneratorsOfStep = 16;

    private readonly Dictionary<Monomial, Rational> _terms;
    private readonly Effort _effort;

    public Polynomial(int generators, IEnumerable<KeyValuePair<Monomial, Rational>> terms, Effort effort)
    {
        (Generators, _terms, _effort) = (generators, [], effort);
        foreach (var (monomial, coefficient) in terms)
        {
            AddTo(_terms, monomial, coefficient);
        }

        Spend(1L + _terms.Count);
        if (_terms.Count > CalculationLimits.Terms)
        {
            throw new CalculationException("the expression has too many terms.");
        }
    }

    public int Generators { get; }

    public IReadOnlyDictionary<Monomial, Rational> Terms => _terms;

    public bool IsZero => _terms.Count == 0;

    public bool IsConstant => _terms.Keys.All(monomial => monomial.Equals(Monomial.One(Generators)));

    /// <summary>The coefficient of the highest monomial; zero for no terms.</summary>
    public Rational LeadingCoefficient => IsZero ? Rational.Zero : _terms[LeadingMonomial];

    private Monomial LeadingMonomial => _terms.Keys.Max();

    /// <summary>The rational number that leaves coprime integers, positive.</summary>
    public Rational Content
    {
        get
        {
            var (numerator, denominator) = (BigInteger.Zero, BigInteger.One);
            foreach (var coefficient in _terms.Values)
            {
                numerator = BigInteger.GreatestCommonDivisor(numerator, coefficient.Numerator);
                denominator *= coefficient.Denominator / BigInteger.GreatestCommonDivisor(denominator, coefficient.Denominator);
            }

            return new Rational(numerator, denominator);
        }
    }

    public static Polynomial operator +(Polynomial a, Polynomial b) => new(a.Generators, a._terms.Concat(b._terms), a._effort);

    public static Polynomial operator -(Polynomial a, Polynomial b) => a + (b * -1);

    public static Polynomial operator *(Polynomial a, Rational factor) => new(
        a.Generators, a._terms.Select(term => KeyValuePair.Create(term.Key, term.Value * factor)), a._effort);

    public static Polynomial operator *(Polynomial a, Polynomial b)
    {
        a._effort.Spend((long)a._terms.Count * b._terms.Count);
        a.Spend((long)a._terms.Count * b._terms.Count);
        return new(
            a.Generators,
            a._terms.SelectMany(x => b._terms.Select(y => KeyValuePair.Create(x.Key * y.Key, x.Value * y.Value))),
            a._effort);
    }

    public Polynomial Power(int exponent)
    {
        var power = Constant(Rational.One);
        for (var i = 0; i < exponent; i++)
        {
            power *= this;
        }

        return power;
    }

    public Polynomial Constant(Rational value) => new(Generators, [KeyValuePair.Create(Monomial.One(Generators), value)], _effort);

    /// <summary>The degree in a generator.</summary>
    public int Degree(int generator) => IsZero ? -1 : _terms.Keys.Max(monomial => monomial[generator]);

    /// <summary>The coefficients of a generator's powers, polynomials in the other generators.</summary>
    public Polynomial[] Coefficients(int generator) =>
    [
        .. Enumerable.Range(0, Degree(generator) + 1).Select(degree => new Polynomial(
            Generators,
            _terms.Where(term =>
                term.Key[generator] == degree).Select(term => KeyValuePair.Create(term.Key.Without(generator), term.Value)),
            _effort)),
    ];

    /// <summary>The polynomial times a power of a generator.</summary>
    public Polynomial Shift(int generator, int degree) => new(
        Generators,
        _terms.Select(term => KeyValuePair.Create(term.Key * Monomial.Of(Generators, generator, degree), term.Value)),
        _effort);

    /// <summary>The quotient of an exact division.</summary>
    /// <exception cref="CalculationException">The divisor does not divide it.</exception>
    public Polynomial DivideExactly(Polynomial divisor)
    {
        var (leading, coefficient) = (divisor.LeadingMonomial, divisor.LeadingCoefficient);
        var rest = new Dictionary<Monomial, Rational>(_terms);
        var quotient = new List<KeyValuePair<Monomial, Rational>>();
        while (rest.Count > 0)
        {
            _effort.Spend(divisor._terms.Count + rest.Count);
            Spend(divisor._terms.Count + rest.Count);
            var top = rest.Keys.Max();
            if (!top.IsDivisibleBy(leading))
            {
                throw new CalculationException("a polynomial division leaves a remainder.");
            }

            var (monomial, factor) = (top / leading, rest[top] / coefficient);
            quotient.Add(KeyValuePair.Create(monomial, factor));
            foreach (var (other, value) in divisor._terms)
            {
                AddTo(rest, monomial * other, -(factor * value));
            }
        }

        return new(Generators, quotient, _effort);
    }

    /// <summary>Spends what so many terms cost.</summary>
    private void Spend(long terms) => Work.Spend(terms * (StepsOfTerm + (Generators / GeneratorsOfStep)));

    private static void AddTo(Dictionary<Monomial, Rational> terms, Monomial monomial, Rational coefficient)
    {
        var sum = terms.GetValueOrDefault(monomial) + coefficient;
        if (sum.IsZero)
        {
            terms.Remove(monomial);
        }
        else
        {
            terms[monomial] = sum;
        }
    }
}

/// <summary>Work that a simplification may still do.</summary>
internal sealed class Effort
{
    private long _left = CalculationLimits.Effort;

    /// <exception cref="CalculationException">Nothing is left.</exception>
    public void Spend(long work)
    {
        _left -= work;
        if (_left < 0)
        {
            throw new CalculationException("simplifying the expression takes too long.");
        }
    }
}
