using System.CommandLine;
using System.Text.Json.Nodes;
using Rebound.Agents.Search;
using Rebound.Cli.Options;

namespace Rebound.Cli.Tools;

/// <summary><c>rebound tool search</c>: what an agent would find in an index.</summary>
internal static class SearchCommand
{
    private const int MostResults = 100;

    private static readonly Argument<string> Query = new("query")
    {
        Description = "What to search for",
    };

    private static readonly Option<string> Index = new("--index")
    {
        Description = "The index, made by 'rebound data index'",
        HelpName = "FILE",
        Required = true,
    };

    private static readonly Option<int> Results = new("--results")
    {
        Description = "Passages to show",
        HelpName = "N",
        DefaultValueFactory = _ => 3,
    };

    public static CliCommand Create() => new("search", "Search a local index as an agent does", Run)
    {
        Arguments = { Query },
        Options = { Index, Results, SharedOptions.Json },
        Examples = ["rebound tool search --index corpus.db \"rivers of the Netherlands\""],
    };

    private static int Run(CommandContext context)
    {
        var count = context.Get(Results);
        if (count is < 1 or > MostResults)
        {
            throw new InputException($"--results is {count}, and must be from 1 to {MostResults}.");
        }

        using var index = SearchIndex.Open(context.Require(Index));
        var found = index.Search(context.Get(Query)!, count);
        if (context.Get(SharedOptions.Json))
        {
            context.Terminal.WriteJson(new JsonArray(
                [.. found.Select(passage => new JsonObject { ["title"] = passage.Title, ["text"] = passage.Text })]));
        }
        else
        {
            context.Terminal.Output.WriteLine(Passages.Observation(found));
        }

        return ExitCode.Done;
    }
}
