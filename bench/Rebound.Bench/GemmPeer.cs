using System.Diagnostics;
using System.Globalization;

namespace Rebound.Bench;

/// <summary>
/// A program that multiplies matrices on request: it reads lines <c>form m n k seconds</c> and answers with the times of its runs.
/// </summary>
internal sealed class GemmPeer : IDisposable
{
    private readonly Process _process;

    /// <param name="command">Program and arguments; the number of threads follows them. Its first line is its name.</param>
    public GemmPeer(string[] command, int threads)
    {
        var start = new ProcessStartInfo(command[0], [.. command[1..], $"{threads}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        _process = Process.Start(start)!;
        Name = Answer();
    }

    public string Name { get; }

    /// <summary>Seconds of each run that fitted into <paramref name="seconds"/>, after one to warm up.</summary>
    public IEnumerable<double> Times(GemmShape shape, double seconds)
    {
        _process.StandardInput.WriteLine($"{shape.Form} {shape.M} {shape.N} {shape.K} {seconds}");
        _process.StandardInput.Flush();
        return Answer().Split(' ').Select(time => double.Parse(time, CultureInfo.InvariantCulture));
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    private string Answer() =>
        _process.StandardOutput.ReadLine()
            ?? throw new InvalidOperationException("The peer ended without an answer; its error output says why.");
}
