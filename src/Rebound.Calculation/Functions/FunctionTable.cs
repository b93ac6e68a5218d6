using Rebound.Calculation.Expressions;
using Rebound.Calculation.Numbers;

namespace Rebound.Calculation.Functions;

/// <summary>Every function by name.</summary>
internal static class FunctionTable
{
    private static readonly Dictionary<string, Function> All = new[]
    {
        ElementaryFunctions.All, TrigonometricFunctions.All, IntegerFunctions.All, RoundingFunctions.All, CalculusFunctions.All,
        Relational.Functions,
    }.SelectMany(functions => functions).ToDictionary(function => function.Name, function => function.Function);

    /// <summary>Names under which a function is also known; the name it is written with is on the right.</summary>
    private static readonly Dictionary<string, string> Aliases = new()
    {
        ["ln"] = "log",
        ["abs"] = "Abs",
        ["max"] = "Max",
        ["min"] = "Min",
        ["igcd"] = "gcd",
        ["ilcm"] = "lcm",
        ["Pow"] = "pow",
    };

    public static Function? Find(string name) => All.GetValueOrDefault(Aliases.GetValueOrDefault(name, name));

    /// <summary>The function of the arguments; a function that is not known is left as it is written.</summary>
    /// <exception cref="CalculationException">It takes another number of arguments.</exception>
    public static Expression Apply(string name, IReadOnlyList<Expression> arguments)
    {
        name = Aliases.GetValueOrDefault(name, name);
        if (!All.TryGetValue(name, out var function))
        {
            return new Call(name, arguments);
        }

        if (arguments.Count < function.Least || arguments.Count > function.Most)
        {
            var wanted = function.Least == function.Most
                ? $"{function.Least}"
                : function.Most == int.MaxValue ? $"at least {function.Least}"
                    : $"{function.Least} to {function.Most}";
            throw new CalculationException($"{name} takes {wanted} argument{(wanted == "1" ? "" : "s")}, not {arguments.Count}.");
        }

        if (name != "sum" && arguments.Any(argument => argument is BooleanValue or Relational or ListExpression))
        {
            throw new CalculationException($"{name} takes numbers and symbols.");
        }

        return function.Apply(arguments) ?? new Call(name, arguments);
    }

    /// <summary>A function evaluated by a double where its argument is a floating-point number.</summary>
    /// <param name="name">Of the function, whose own value counts where a double would be infinite.</param>
    public static Expression? Approximated(string name, Expression argument, Func<double, Wide> value)
    {
        if (argument is not Approximate number)
        {
            return null;
        }

        var wide = Wide.Of(number.Value);
        var result = wide.Exponent == 0 ? value(wide.Value.Real) : All[name].Value!([wide]);
        if (double.IsInfinity(result.Value.Real))
        {
            result = All[name].Value!([wide]);
        }

        return result.IsNaN || result.Value.Imaginary != 0 ? null : new Approximate(result.ToFloat(number.Value.Precision));
    }
}
