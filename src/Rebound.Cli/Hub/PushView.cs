using Rebound.Cli.Machine;
using Rebound.Cli.Terminal;
using Rebound.Hub;

namespace Rebound.Cli.Hub;

/// <summary>Shows how a push goes on.</summary>
internal sealed class PushView(CommandTerminal terminal, HubReference model, long bytes) : IPushObserver, IDisposable
{
    private readonly Lock _turn = new();
    private ProgressLine? _progress;
    private long _done;

    public void Read(long count)
    {
        lock (_turn)
        {
            _progress ??= terminal.StartProgress("Computing checksums", bytes, "bytes");
            _progress.Report(_done += count);
        }
    }

    public void Begin(IReadOnlyList<PushedFile> files)
    {
        End();
        foreach (var file in files)
        {
            if (file.State == PushState.Kept)
            {
                terminal.Note(
                    $"{file.Path} on the hub is another one and stays; {PushCommand.ReplaceCard.Name} puts this one in its place.");
            }
            else if (file.State == PushState.Ignored)
            {
                terminal.Note($"{file.Path} is left out, as the repository's .gitignore says.");
            }
        }

        var sent = files.Where(file => file.State == PushState.Sent).ToArray();
        var rest = files.Count - sent.Length;
        terminal.Note(
            $"{model}: {CountText.Of(sent.Length, "file")}, {Fact.Bytes(sent.Sum(file => file.Size))}"
                + (rest > 0 ? $"; {CountText.Of(rest, "other is", "others are")} not sent" : ""));
        var large = sent.Where(file => file.IsLarge).Sum(file => file.Size);
        lock (_turn)
        {
            _progress = large == 0 ? null : terminal.StartProgress("Uploading", large, "bytes");
        }
    }

    public void Sent(long count)
    {
        lock (_turn)
        {
            _progress?.Report(_done += count);
        }
    }

    public void Dispose() => End();

    private void End()
    {
        lock (_turn)
        {
            _progress?.Dispose();
            (_progress, _done) = (null, 0);
        }
    }
}
