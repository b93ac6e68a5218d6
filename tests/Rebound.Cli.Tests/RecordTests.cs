using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Rebound.Testing;
using Rebound.Trajectories.Formats;

namespace Rebound.Cli.Tests;

public sealed partial class RecordTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rebound-record-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Recorded => Path.Combine(_folder, "recorded");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Agents that talk while the gateway is killed and started again: what they were answered is there.</summary>
    [Fact]
    public async Task Kills_under_load_lose_nothing_that_was_answered()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "Signals are sent as POSIX has them.");
        const int Agents = 64;
        const int Turns = 12;
        await using var upstream = new LocalServer(AnswerAsync);
        var port = FreePort();
        var answered = new ConcurrentDictionary<int, string[]>();
        var turns = 0;
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/") };
        var gateway = await StartAsync(upstream, port);
        try
        {
            var agents = Task.WhenAll(Enumerable.Range(0, Agents).Select(async agent =>
            {
                var said = new List<string>();
                while (said.Count < 2 * Turns)
                {
                    var question = $"question {agent}-{said.Count}";
                    if (await TryAskAsync(http, [.. said, question]) is { } answer)
                    {
                        said.AddRange([question, answer]);
                        Interlocked.Increment(ref turns);
                    }
                }

                answered[agent] = [.. said];
            }));
            foreach (var share in new[] { 0.25, 0.5, 0.75 })
            {
                while (Volatile.Read(ref turns) < share * Agents * Turns)
                {
                    await Task.Yield();
                }

                gateway.Kill();
                await gateway.EndAsync();
                gateway.Dispose();
                gateway = await StartAsync(upstream, port);
            }

            await agents;
            gateway.Kill();
            await gateway.EndAsync();
        }
        finally
        {
            gateway.Dispose();
        }

        // The journal alone makes the trajectories.
        var summary = JsonNode.Parse(ReboundProcess.Run("record", "--output", Recorded, "--json").Succeeded())!;
        var kept = await TrajectoryFile.ReadAsync(Path.Combine(Recorded, "trajectories.jsonl"), cancellation: Cancellation)
            .Select(trajectory => string.Join('\n', trajectory.Turns.Select(turn => turn.Content))).ToHashSetAsync(cancellationToken: Cancellation);
        Assert.Equal(kept.Count, (int)summary["trajectories"]!);
        Assert.All(answered.Values, said => Assert.Contains(string.Join('\n', said), kept));
        Assert.Contains($"{Agents} ", ReboundProcess.Run("data", "stats", Recorded).Succeeded());
    }

    [Fact]
    public async Task It_ends_what_runs_when_it_is_told_to_stop_and_says_what_it_kept()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "Signals are sent as POSIX has them.");
        var (asked, stopping) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var upstream = new LocalServer(async (_, context) =>
        {
            await ChatServer.ReadAsync(context);
            asked.SetResult();
            await stopping.Task;
            await ChatServer.Say(context, "late");
        });
        var port = FreePort();
        using var gateway = await StartAsync(upstream, port);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/") };

        var answer = TryAskAsync(http, ["a question"]);
        await asked.Task;
        await gateway.SignalAsync("TERM");
        Assert.True(await gateway.SaysAsync("No more requests are taken"), gateway.Said);
        stopping.SetResult();

        Assert.Equal("late", await answer);
        await gateway.EndAsync();
        Assert.Equal(0, gateway.ExitCode);
        Assert.Contains("a question", gateway.Said);
        Assert.Contains("late", await File.ReadAllTextAsync(Path.Combine(Recorded, "trajectories.jsonl"), Cancellation));
    }

    [Fact]
    public void Wrong_options_are_said_all_at_once()
    {
        var refused = ReboundProcess.Run(
            "record", "--upstream", "https://user:key@host/v1", "--output", Recorded, "--host", "0.0.0.0", "--port", "-1").Refused();
        var missing = ReboundProcess.Run("record", "--upstream", "http://127.0.0.1:1").Refused();
        Directory.CreateDirectory(Recorded);
        File.WriteAllText(Path.Combine(Recorded, "journal.log"), "{\"something\": 1}\n");
        var strange = ReboundProcess.Run("record", "--output", Recorded).Refused();

        Assert.Contains("--upstream is 'https://user:key@host/v1', and must be a server's address", refused);
        Assert.Contains("--host 0.0.0.0 can be reached from other machines: give --no-auth", refused);
        Assert.Contains("--port is -1", refused);
        Assert.Contains("--output is required", missing);
        Assert.Contains("is not the beginning of a journal", strange);
    }

    private async Task<RunningProcess> StartAsync(LocalServer upstream, int port)
    {
        var gateway = new RunningProcess("record", "--upstream", $"{upstream.Address}v1", "--output", Recorded, "--port", $"{port}");
        Assert.True(await gateway.SaysAsync("export OPENAI_BASE_URL="), gateway.Said);
        return gateway;
    }

    /// <summary>Says again what was last said, and that it was heard.</summary>
    private static async Task AnswerAsync(int number, HttpListenerContext context)
    {
        var messages = (await ChatServer.ReadAsync(context))["messages"]!.AsArray();
        await ChatServer.Stream(context, "heard ", (string)messages[^1]!["content"]!);
    }

    /// <returns>Null where the gateway is not there, or broke off.</returns>
    private static async Task<string?> TryAskAsync(HttpClient http, IReadOnlyList<string> said)
    {
        var messages = new JsonArray([.. said.Select((text, index) =>
            new JsonObject { ["role"] = index % 2 == 0 ? "user" : "assistant", ["content"] = text })]);
        try
        {
            using var content = new StringContent(new JsonObject { ["messages"] = messages, ["stream"] = true }.ToJsonString());
            using var response = await http.PostAsync("v1/chat/completions", content, Cancellation);
            var text = await response.Content.ReadAsStringAsync(Cancellation);
            return !response.IsSuccessStatusCode ? null
                : text.StartsWith('{') ? (string)JsonNode.Parse(text)!["choices"]![0]!["message"]!["content"]!
                : !text.Contains("[DONE]", StringComparison.Ordinal) ? null
                : string.Concat(Piece().Matches(text).Select(piece => piece.Groups[1].Value));
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private static int FreePort()
    {
        using var free = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        free.Start();
        return ((IPEndPoint)free.LocalEndpoint).Port;
    }

    [GeneratedRegex("\"content\":\"([^\"]*)\"", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Piece();
}
