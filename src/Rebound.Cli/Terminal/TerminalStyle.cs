namespace Rebound.Cli.Terminal;

/// <summary>The abilities of the terminal behind a stream.</summary>
internal static class TerminalStyle
{
    /// <summary>The escape sequence's number (SGR) of what went wrong.</summary>
    public const string Red = "31";

    /// <summary>The escape sequence's number (SGR) of a heading.</summary>
    public const string Bold = "1";

    private const int WidthWhenUnknown = 80;
    private const int HeightWhenUnknown = 24;
    private const int WidthWhenRedirected = 200;

    /// <summary>Columns of the terminal.</summary>
    public static int Width
    {
        get
        {
            try
            {
                return Console.WindowWidth is > 0 and var width ? width : WidthWhenUnknown;
            }
            catch (IOException)
            {
                return WidthWhenUnknown;
            }
        }
    }

    /// <summary>Rows of the terminal.</summary>
    public static int Height
    {
        get
        {
            try
            {
                return Console.WindowHeight is > 0 and var height ? height : HeightWhenUnknown;
            }
            catch (IOException)
            {
                return HeightWhenUnknown;
            }
        }
    }

    /// <summary>Whether the terminal can move its cursor.</summary>
    public static bool CanMove => Environment.GetEnvironmentVariable("TERM") is not "dumb";

    /// <summary>Columns to lay results out in: the terminal's, or plenty when they go to a file.</summary>
    public static int OutputWidth => Console.IsOutputRedirected ? WidthWhenRedirected : Width;

    /// <summary>
    /// Whether colours and cursor movement are welcome: a terminal that can, and no <c>NO_COLOR</c> (https://no-color.org).
    /// </summary>
    public static bool Allowed(bool redirected) =>
        !redirected
        && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
        && CanMove;
}
