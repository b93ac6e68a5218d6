using System.CommandLine;
using System.Text.Json.Nodes;
using Rebound.Calculation;
using Rebound.Calculation.Expressions;
using Rebound.Calculation.Numbers;
using Rebound.Cli.Options;
using Rebound.Cli.Rows;

namespace Rebound.Cli.Tools;

/// <summary><c>rebound tool calculate</c>: one expression, or the rows of a file.</summary>
internal static class CalculateCommand
{
    private static readonly Argument<string?> Expression = new("expression")
    {
        Description = "What to calculate; after -- it may begin with a minus sign",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public static CliCommand Create() => new("calculate", "Calculate an expression, or those of a file's rows", Run)
    {
        Arguments = { Expression },
        Options = { SharedOptions.InputRows, BadRowHandling.OfRows, SharedOptions.OutputRows, SharedOptions.Json },
        Needs = [new Need("what to calculate", Expression, SharedOptions.InputRows)],
        Details = "Exact arithmetic with fractions, decimals, powers, roots, functions and symbols; what it cannot do, it says in a line "
            + "that begins with 'Error:'. Rows of --input hold 'expression'; they are written with 'result'.",
        Examples =
        [
            "rebound tool calculate \"(2/3)*sqrt(81)\"",
            "rebound tool calculate -- \"-3 + 5\"",
            "rebound tool calculate --input expressions.jsonl --output results.jsonl",
        ],
    };

    private static int Run(CommandContext context)
    {
        var (expression, rows) = (context.Get(Expression), context.Get(SharedOptions.InputRows));
        if (expression is not null && rows is not null)
        {
            throw new InputException($"An expression and --input {rows} were given; leave one of them out.");
        }

        RowMapping.CheckOptions(context);
        if (rows is not null)
        {
            RowMapping.Run(context, "Calculating", rows, context.Get(SharedOptions.OutputRows), row =>
                row.Content["result"] = Calculator.Calculate(row.Text("expression")));
            return ExitCode.Done;
        }

        return Show(context, expression!);
    }

    private static int Show(CommandContext context, string expression)
    {
        var result = Calculator.Calculate(expression);
        if (context.Get(SharedOptions.Json))
        {
            context.Terminal.WriteJson(new JsonObject { ["expression"] = expression, ["result"] = result });
        }
        else
        {
            context.Terminal.Output.WriteLine(result);
        }

        return result.StartsWith(Calculator.ErrorPrefix, StringComparison.Ordinal) ? ExitCode.Failed : ExitCode.Done;
    }
}
