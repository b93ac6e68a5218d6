using System.CommandLine;
using Rebound.Cli.Data;
using Rebound.Cli.Options;
using Rebound.Files.Rows;
using Rebound.Trajectories;
using Rebound.Trajectories.Selection;

namespace Rebound.Cli.Rows;

/// <summary>
/// The policy for rows that a command cannot use: skip them and report them at the end, or stop at the first and fail with an error
/// that names the first few.
/// </summary>
/// <param name="skips">Whether they are left out.</param>
/// <param name="endsAtOnce">Whether the first one is the end: nobody knows when what comes through a pipe is over.</param>
internal sealed class BadRowHandling(CommandContext context, bool skips, bool endsAtOnce = false)
{
    private const string Skip = "skip";

    private readonly BadRows _bad = new();

    /// <summary>The option that decides it, where <see cref="RowMapping"/> and its like read rows.</summary>
    public static readonly Option<string> OfRows = Option("Rows that cannot be used");

    /// <param name="rows">Which rows it is about, to begin its description.</param>
    public static Option<string> Option(string rows) => OptionOf.OneOf(
        "--on-bad-row", $"{rows}: stop, or leave them out and count them", "error", Skip);

    /// <param name="option">One that <see cref="Option"/> made.</param>
    public static bool Skips(CommandContext context, Option<string> option) => context.Require(option) == Skip;

    /// <summary>As <see cref="OfRows"/> says, for the file of an option, where <c>-</c> is standard input.</summary>
    public static BadRowHandling For(CommandContext context, string input) =>
        new(context, Skips(context, OfRows), endsAtOnce: input == "-");

    /// <exception cref="InputException"><see cref="OfRows"/> is given where no rows are read.</exception>
    public static void CheckRead(CommandContext context, Option<string?> input)
    {
        if (context.IsGiven(OfRows) && context.Get(input) is null)
        {
            throw new InputException($"{OfRows.Name} goes with {input.Name}.");
        }
    }

    /// <summary>Takes note of a row that cannot be used.</summary>
    /// <exception cref="Exception">It is the end, at once.</exception>
    public void Leave(DataException row)
    {
        _bad.Add(row);
        if (endsAtOnce && !skips)
        {
            throw _bad.Good > 0 ? BadRowsView.Refusal(_bad) : row;
        }
    }

    /// <summary>Counts a row that can be used; whether reading continues.</summary>
    public bool Takes()
    {
        _bad.AddGood();
        return skips || _bad.Count == 0;
    }

    /// <summary>Uses a row; whether reading continues.</summary>
    public bool Takes(Action use)
    {
        try
        {
            use();
        }
        catch (DataException e)
        {
            Leave(e);
            return false;
        }

        return Takes();
    }

    /// <summary>Ends the reading with the number of usable rows.</summary>
    /// <exception cref="InputException">Rows are bad and not to be left out, or all are.</exception>
    public void End(int good)
    {
        for (var row = 0; row < good; row++)
        {
            _bad.AddGood();
        }

        End();
    }

    /// <summary>All rows were read.</summary>
    /// <param name="tells">False for the first of several readings of the same rows.</param>
    /// <exception cref="InputException">Rows are bad and not to be left out, or all are.</exception>
    public void End(bool tells = true)
    {
        if (_bad.Count > 0 && (!skips || _bad.Good == 0))
        {
            throw BadRowsView.Refusal(_bad);
        }

        if (tells)
        {
            BadRowsView.Note(context.Terminal, _bad);
        }
    }
}
