using System.CommandLine;
using System.CommandLine.Invocation;
using System.Reflection;
using Rebound.Cli.Terminal;

namespace Rebound.Cli.Help;

/// <summary><c>rebound --version</c>: the version and the commit it was built from.</summary>
internal sealed class VersionLine : SynchronousCommandLineAction
{
    /// <summary>For example <c>rebound 0.1.0 (1a2b3c4)</c>.</summary>
    public static string Text
    {
        get
        {
            var assembly = typeof(VersionLine).Assembly;
            var informational = assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
            var parts = (informational ?? assembly.GetName().Version?.ToString() ?? "").Split('+', 2);
            return parts.Length == 2 ? $"rebound {parts[0]} ({parts[1][..Math.Min(7, parts[1].Length)]})" : $"rebound {parts[0]}";
        }
    }

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        StandardStreams.Output.WriteLine(Text);
        return ExitCode.Done;
    }
}
