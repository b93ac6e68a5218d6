using System.CommandLine;
using System.Text.Json.Nodes;
using Rebound.Agents.Calculation;
using Rebound.Cli.Rows;

namespace Rebound.Cli.Commands;

/// <summary><c>rebound tool</c>: runs a tool of the agents by itself.</summary>
internal static class ToolCommand
{
    private static readonly Argument<string> Tool = new("tool")
    {
        Description = "The tool: calculate",
    };

    private static readonly Argument<string?> Input = new("input")
    {
        Description = "What the tool is given; after -- it may begin with a minus sign",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public static CliCommand Create() => new("tool", "Run a tool of the agents by itself", Run)
    {
        Arguments = { Tool, Input },
        Options = { SharedOptions.InputRows, SharedOptions.OutputRows, SharedOptions.Json },
        Details = "calculate: exact arithmetic with fractions, decimals, powers, roots, functions and symbols; what it cannot do, it says "
            + "in a line that begins with 'Error:'. Rows of --input hold 'expression'; they are written with 'result'.",
        Examples =
        [
            "rebound tool calculate \"(2/3)*sqrt(81)\"",
            "rebound tool calculate -- \"-3 + 5\"",
            "rebound tool calculate --input expressions.jsonl --output results.jsonl",
        ],
    };

    private static int Run(CommandContext context)
    {
        var (name, text, rows) = (context.Get(Tool)!, context.Get(Input), context.Get(SharedOptions.InputRows));
        if (name != "calculate")
        {
            throw new InputException($"There is no tool '{name}'; there is calculate.");
        }

        if ((text is null) == (rows is null))
        {
            throw new InputException(text is null
                ? "There is nothing to calculate: give an expression, or --input FILE."
                : $"An expression and --input {rows} were given; leave one of them out.");
        }

        if (rows is not null)
        {
            RowMapping.Run(context, "Calculating", rows, context.Get(SharedOptions.OutputRows), row =>
                row.Content["result"] = Calculator.Calculate(row.Text("expression")));
            return ExitCode.Done;
        }

        return Show(context, text!);
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
