using Rebound.Calculation.Functions;
using Rebound.Calculation.Numbers;
using Rebound.Files.Messages;

namespace Rebound.Calculation.Expressions;

/// <summary>
/// A value of the calculator: a number, a symbol, or what is built of them. Immutable, and evaluated as it is built:
/// <see cref="Sum.Of"/>, <see cref="Product.Of"/> and <see cref="Power.Of"/> give sympy's automatic forms.
/// </summary>
internal abstract class Expression : IEquatable<Expression>
{
    /// <summary>Characters of a key that are a step of <see cref="Work"/>.</summary>
    private const int KeyCharactersOfStep = 16;

    private readonly int _height;
    private string? _key;
    private bool? _isNumeric;

    /// <exception cref="CalculationException">Expressions would be too deep inside each other, or there were too many of them.</exception>
    protected Expression(IReadOnlyList<Expression> parts)
    {
        Parts = parts;
        foreach (var part in parts)
        {
            _height = Math.Max(_height, part._height + 1);
        }

        CheckNesting(_height);
        Work.Spend(1 + parts.Count);
    }

    /// <summary>Operands, in canonical order.</summary>
    public IReadOnlyList<Expression> Parts { get; }

    /// <summary>Whether it has a value: no symbol and no unknown function is in it.</summary>
    public bool IsNumeric => _isNumeric ??= HasValue && Parts.All(part => part.IsNumeric);

    /// <summary>Text that equal expressions share and others do not.</summary>
    public string Key
    {
        get
        {
            if (_key is null)
            {
                _key = MakeKey();
                Work.Spend(_key.Length / KeyCharactersOfStep);
            }

            return _key;
        }
    }

    protected virtual bool HasValue => true;

    public static Expression operator +(Expression a, Expression b) => Sum.Of(a, b);

    public static Expression operator -(Expression a) => a is Approximate { IsZero: true } ? a : Product.Of(Number.MinusOne, a);

    public static Expression operator -(Expression a, Expression b) => Sum.Of(a, -b);

    public static Expression operator *(Expression a, Expression b) => Product.Of(a, b);

    public static Expression operator /(Expression a, Expression b) =>
        (a is Number x && b is Number y ? Number.Quotient(x, y) : null) ?? Product.Of(a, Power.Of(b, Number.MinusOne));

    public static bool operator ==(Expression? a, Expression? b) => a is null ? b is null : a.Equals(b);

    public static bool operator !=(Expression? a, Expression? b) => !(a == b);

    /// <exception cref="CalculationException">It is too deep.</exception>
    public static void CheckNesting(int levels)
    {
        if (levels > Nesting.Deepest)
        {
            throw new CalculationException($"the expression {Nesting.TooDeep}.");
        }
    }

    /// <summary>The same expression of other parts.</summary>
    public virtual Expression With(IReadOnlyList<Expression> parts) => this;

    /// <summary>Whether this or anything in it is such.</summary>
    public bool Has(Func<Expression, bool> test) => test(this) || Parts.Any(part => part.Has(test));

    public bool Equals(Expression? other) => other is not null && Key == other.Key;

    public override bool Equals(object? obj) => Equals(obj as Expression);

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Key);

    public override string ToString() => ExpressionText.Of(this);

    protected abstract string MakeKey();

    protected string MakeKey(string name) => $"{name}({string.Join(',', Parts.Select(part => part.Key))})";
}

/// <summary>A name without a value.</summary>
internal sealed class Symbol(string name) : Expression([])
{
    public string Name => name;

    protected override bool HasValue => false;

    protected override string MakeKey() => $"'{name}'";
}

/// <summary>A number by name: irrational, or the imaginary unit.</summary>
internal sealed class Constant : Expression
{
    public static readonly Constant Pi = new("pi", "Pi", Math.PI);
    public static readonly Constant E = new("E", "Exp1", Math.E);
    public static readonly Constant I = new("I", "ImaginaryUnit", double.NaN);

    /// <summary>Every constant by the name it is written with.</summary>
    public static readonly IReadOnlyDictionary<string, Constant> ByName = new[]
    {
        Pi, E, I,
        new Constant("GoldenRatio", "GoldenRatio", 1.6180339887498949),
        new Constant("EulerGamma", "EulerGamma", 0.57721566490153287),
        new Constant("Catalan", "Catalan", 0.91596559417721901),
    }.ToDictionary(constant => constant.Name);

    private Constant(string name, string className, double value)
        : base([]) => (Name, ClassName, Value) = (name, className, value);

    public string Name { get; }

    /// <summary>The name that it is ordered by.</summary>
    public string ClassName { get; }

    /// <summary>No number for the imaginary unit.</summary>
    public double Value { get; }

    protected override string MakeKey() => Name;
}

/// <summary>A function of arguments, left as it is.</summary>
internal sealed class Call(string name, IReadOnlyList<Expression> arguments) : Expression(arguments)
{
    public string Name => name;

    /// <summary>A function that nobody knows has no value, whatever its arguments.</summary>
    protected override bool HasValue => FunctionTable.Find(name) is not null;

    public override Expression With(IReadOnlyList<Expression> parts) => FunctionTable.Apply(name, parts);

    protected override string MakeKey() => MakeKey(name);
}

/// <summary>Values side by side, as a comma makes them.</summary>
internal sealed class ListExpression(IReadOnlyList<Expression> items) : Expression(items)
{
    protected override bool HasValue => false;

    public override Expression With(IReadOnlyList<Expression> parts) => new ListExpression(parts);

    protected override string MakeKey() => MakeKey("list");
}

/// <summary>True or false.</summary>
internal sealed class BooleanValue(bool value) : Expression([])
{
    public bool Value => value;

    protected override bool HasValue => false;

    protected override string MakeKey() => value ? "True" : "False";
}
