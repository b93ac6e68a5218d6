using System.CommandLine;
using Rebound.Cli.Models;

namespace Rebound.Cli;

/// <summary>Options that several commands take, described once.</summary>
internal static class SharedOptions
{
    public static readonly Option<bool> Quiet = new("--quiet", "-q")
    {
        Description = "Show results and errors only",
        Recursive = true,
    };

    public static readonly Option<bool> Verbose = new("--verbose", "-v")
    {
        Description = "Show the stack trace of an error",
        Recursive = true,
    };

    public static readonly Option<bool> Json = new("--json")
    {
        Description = "Print the result as JSON on standard output",
    };

    public static readonly Option<string> Model = new("--model", "-m")
    {
        Description = "The model: a Hugging Face folder or a .gguf file",
        HelpName = "PATH",
        Required = true,
    };

    public static readonly Option<string> Device = new("--device")
    {
        Description = "Where to compute",
        HelpName = "cpu",
        DefaultValueFactory = _ => Devices.Cpu,
    };

    public static readonly Option<int?> Threads = new("--threads")
    {
        Description = "Threads to compute with (default one for every core)",
        HelpName = "N",
    };

    public static readonly Option<string?> InputRows = new("--input")
    {
        Description = "Read rows from a JSON lines file; - is standard input",
        HelpName = "FILE",
    };

    public static readonly Option<string?> OutputRows = new("--output")
    {
        Description = "Write the rows to a JSON lines file (default standard output)",
        HelpName = "FILE",
    };
}
