using Rebound.Testing;

namespace Rebound.Pages.Tests;

/// <summary>A server without a model that shows a folder of data and one of runs, at a time that a test sets.</summary>
internal sealed class LookingServer : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private ModelServer _server = null!;

    public SteppedTime Time { get; } = new();

    /// <summary>Where everything lies, which no response may tell.</summary>
    public string Root => _folder.Path;

    public Uri Address => _server.Address;

    public HttpClient Http { get; private set; } = null!;

    /// <param name="fill">Writes what there is to see, before the server starts.</param>
    public static async Task<LookingServer> StartAsync(Action<LookingServer> fill)
    {
        var looking = new LookingServer();
        Directory.CreateDirectory(Path.Combine(looking.Root, "data"));
        Directory.CreateDirectory(Path.Combine(looking.Root, "runs"));
        fill(looking);
        looking._server = await ModelServer.StartAsync(new ServerOptions
        {
            Port = 0,
            HasModel = false,
            Clock = looking.Time,
            Parts =
            [
                new PagesPart(new PagesOptions
                {
                    Data = [Path.Combine(looking.Root, "data")], Runs = [Path.Combine(looking.Root, "runs")],
                }),
            ],
        });
        looking.Http = PagesServer.Client(looking._server);
        return looking;
    }

    /// <summary>Writes a file, with the folders that it needs.</summary>
    public string Write(string path, params string[] lines)
    {
        var full = Path.Combine(Root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, string.Concat(lines.Select(line => line + "\n")));
        return full;
    }

    /// <summary>Lets so much time pass that files are looked at again.</summary>
    public void Wait() => Time.Passed += TimeSpan.FromMinutes(1);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _server.DisposeAsync();
        _folder.Dispose();
    }
}
