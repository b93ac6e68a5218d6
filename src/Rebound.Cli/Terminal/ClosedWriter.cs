using System.Text;

namespace Rebound.Cli.Terminal;

/// <summary>Replaces a standard stream that was closed when the process began.</summary>
internal sealed class ClosedWriter : TextWriter
{
    public override Encoding Encoding => Encoding.UTF8;

    public override void Write(char value) => throw new IOException("it is closed");
}
