using Rebound.Calculation.Functions;
using Rebound.Calculation.Numbers;

namespace Rebound.Calculation.Expressions;

/// <summary>Resolves names to constants, functions or symbols, and refuses all others.</summary>
internal static class NameTable
{
    /// <summary>Words of the language that expressions come from.</summary>
    private static readonly HashSet<string> Keywords =
    [
        "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif", "else", "except", "finally", "for",
        "from", "global", "if", "import", "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while",
        "with", "yield", "None",
    ];

    /// <summary>Names that mean something to sympy that the calculator does not do.</summary>
    private static readonly HashSet<string> Refused =
    [
        "S", "Q", "O", "beta", "zeta", "test", "var", "symbols", "Symbol", "Function", "integrate", "limit", "solve", "solveset", "nsolve",
        "dsolve", "series", "factor", "collect", "apart", "together", "cancel", "Sum", "Product", "product", "summation", "Derivative",
        "Integral", "Limit", "Matrix", "Poly", "degree", "content", "prime", "factorint", "divisors", "totient", "trunc", "nsimplify",
        "sympify", "lambdify", "plot", "pprint", "latex", "field", "ring", "line", "subs", "div", "rem", "quo", "roots", "terms_gcd",
        "eval", "exec", "open", "compile", "getattr", "setattr", "delattr", "hasattr", "globals", "locals", "vars", "dir", "input",
        "print", "breakpoint", "callable", "id", "hash", "repr", "chr", "ord", "bin", "hex", "oct", "format", "iter", "next", "any", "all",
        "sorted", "divmod", "isinstance", "issubclass", "len", "ascii",
    ];

    private static readonly Dictionary<string, Expression> Values = new(Constant.ByName.Select(
        constant => KeyValuePair.Create(constant.Key, (Expression)constant.Value)))
    {
        ["oo"] = Infinite.Positive,
        ["zoo"] = Infinite.Complex,
        ["nan"] = Infinite.NotANumber,
        ["True"] = new BooleanValue(true),
        ["true"] = new BooleanValue(true),
        ["False"] = new BooleanValue(false),
        ["false"] = new BooleanValue(false),
    };

    /// <summary>The name, where a calculation may use it.</summary>
    /// <exception cref="CalculationException">It may not.</exception>
    public static string Check(string name) => Keywords.Contains(name) || name.StartsWith("__", StringComparison.Ordinal)
        ? throw new CalculationException($"'{name}' is no name that an expression can use.")
        : Refused.Contains(name) ? throw new CalculationException($"'{name}' is nothing that the calculator does.") : name;

    /// <summary>The value of a name that no arguments follow.</summary>
    /// <exception cref="CalculationException">It is a function.</exception>
    public static Expression ValueOf(string name) => Values.TryGetValue(name, out var value) ? value
        : FunctionTable.Find(name) is not null ? throw new CalculationException($"{name} is a function and needs arguments.")
        : new Symbol(name);
}
