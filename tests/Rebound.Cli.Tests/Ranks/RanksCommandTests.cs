using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Rebound.Cli.Tests.Ranks;

/// <summary>Ranks as processes of the built program: what they say together, and that one that is ended ends all.</summary>
public sealed class RanksCommandTests
{
    /// <summary>Ranks that go on until something happens to them.</summary>
    private static readonly string[] Endless = ["ranks", "--nproc-per-node", "3", "--repeats", "100000000"];

    [Fact]
    public void Ranks_that_one_process_starts_meet_and_add_up()
    {
        var run = ReboundProcess.Run("ranks", "--nproc-per-node", "3", "--repeats", "2");

        var lines = run.Succeeded().Split('\n');
        Assert.Equal("3 ranks (options); this is rank 0.", lines[0]);
        Assert.StartsWith("  rank 2  host ", lines[3], StringComparison.Ordinal);
        Assert.StartsWith("The sum of 16 MiB of every rank is right on every rank", lines[4], StringComparison.Ordinal);
        Assert.Empty(run.Error);
    }

    [Fact]
    public void One_process_alone_is_told_so_and_json_is_for_programs()
    {
        var report = JsonNode.Parse(ReboundProcess.Run("ranks", "--json", "--repeats", "1").Succeeded())!;

        Assert.Equal((1, 1), ((int)report["size"]!, report["ranks"]!.AsArray().Count));
        Assert.True((double)report["sum_seconds"]! > 0);
    }

    [Fact]
    public async Task A_rank_that_is_killed_ends_all_with_a_sentence()
    {
        SkipElsewhere();
        using var run = new RunningProcess(Endless);
        var children = await ChildrenAsync(run);

        Signal("KILL", children[2]);
        await run.EndAsync();

        Assert.Equal(1, run.ExitCode);
        Assert.Equal(
            "rebound: Rank 2 closed its connection without a farewell: it was killed, it crashed, or its network failed. "
            + "It was ended by signal 9.", run.Said);
        await EndOfAsync(children[1]);
    }

    [Fact]
    public async Task A_rank_that_hangs_ends_all_with_a_sentence()
    {
        SkipElsewhere();
        using var run = new RunningProcess([.. Endless, "--heartbeat-timeout", "2"]);
        var children = await ChildrenAsync(run);

        Signal("STOP", children[1]);
        await run.EndAsync();

        Assert.Equal(1, run.ExitCode);
        Assert.Equal("rebound: Rank 1 was not heard of for 2 s: it hangs, or its network failed.", run.Said);
        await EndOfAsync(children[1]);
        await EndOfAsync(children[2]);
    }

    /// <summary>Ranks that a launcher started, without anybody to look after them.</summary>
    [Fact]
    public async Task The_end_of_rank_0_ends_the_others_with_a_sentence()
    {
        SkipElsewhere();
        var port = $"{FreePort()}";
        string[] arguments = ["ranks", "--repeats", "100000000"];
        using var first = new RunningProcess(arguments, keepsInputOpen: false, Variables(0, port));
        using var second = new RunningProcess(arguments, keepsInputOpen: false, Variables(1, port));
        await PrintedAsync(first, 3);

        first.Kill();
        await second.EndAsync();

        Assert.Equal(1, second.ExitCode);
        Assert.Equal(
            "rebound: Rank 0 closed its connection without a farewell: it was killed, it crashed, or its network failed.", second.Said);
    }

    /// <summary>Hosts are processes of this machine here: each starts its other rank, and which of them comes first is left open.</summary>
    [Fact]
    public async Task Ranks_of_two_hosts_meet_and_add_up()
    {
        var port = $"{FreePort()}";
        var second = Task.Run(() => Host(1), TestContext.Current.CancellationToken);
        var first = Host(0).Succeeded();

        Assert.StartsWith($"4 ranks (options) on 2 hosts, 2 here; they meet at 127.0.0.1:{port} (--master-addr", first, StringComparison.Ordinal);
        Assert.Contains("  rank 3  host ", first, StringComparison.Ordinal);
        Assert.Contains("is right on every rank", first, StringComparison.Ordinal);
        Assert.Empty((await second).Succeeded());

        ReboundProcess Host(int node) => ReboundProcess.Run(
            "ranks", "--nnodes", "2", "--node-rank", $"{node}", "--nproc-per-node", "2", "--master-addr", "127.0.0.1", "--master-port", port,
            "--repeats", "1");
    }

    [Fact]
    public async Task The_end_of_the_rank_that_started_the_others_ends_them()
    {
        SkipElsewhere();
        using var run = new RunningProcess(Endless);
        var children = await ChildrenAsync(run);

        run.Kill();

        await EndOfAsync(children[1]);
        await EndOfAsync(children[2]);
    }

    [Fact]
    public async Task A_request_to_stop_stops_all()
    {
        SkipElsewhere();
        using var run = new RunningProcess(Endless);
        var children = await ChildrenAsync(run);

        await run.SignalAsync("TERM");
        await run.EndAsync();

        Assert.Equal(130, run.ExitCode);
        Assert.Contains("rebound: Interrupted.", run.Said, StringComparison.Ordinal);
        await EndOfAsync(children[1]);
    }

    /// <summary>As torchrun starts them: each by its variables, with options that differ.</summary>
    [Fact]
    public async Task Ranks_that_were_started_differently_are_told_so_by_rank_0()
    {
        var port = $"{FreePort()}";
        var first = Task.Run(() => Launched(0, port, "--repeats", "2"), TestContext.Current.CancellationToken);
        var second = Launched(1, port, "--repeats", "3");

        Assert.Equal((2, ""), (second.ExitCode, second.Error));
        Assert.Equal(
            "rebound: The ranks do not agree: --repeats is 2 on rank 0, but 3 on rank 1. "
            + "Start every rank with the same program, options and files.\n", (await first).Refused());
    }

    /// <summary>A wrong value, an option that there is not, and a value that one rank alone has wrong.</summary>
    [Theory]
    [InlineData("--repeats 0", "--repeats 0", "rebound: --repeats is 0; it must be at least 1.\n")]
    [InlineData("--repeat 1", "--repeat 1", "rebound: 'ranks' has no option --repeat; did you mean --repeats?")]
    [InlineData("--repeats 1", "--repeats 0", "rebound: Rank 1: --repeats is 0; it must be at least 1.\n")]
    public async Task Wrong_options_are_said_by_rank_0_alone(string ofFirst, string ofSecond, string sentence)
    {
        var port = $"{FreePort()}";
        var first = Task.Run(() => Launched(0, port, ofFirst.Split(' ')), TestContext.Current.CancellationToken);
        var second = Launched(1, port, ofSecond.Split(' '));

        Assert.Equal((2, ""), (second.ExitCode, second.Error));
        Assert.StartsWith(sentence, (await first).Refused(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_rank_whose_others_are_not_there_says_where_it_looked()
    {
        var alone = Launched(1, $"{FreePort()}", "--rdzv-timeout", "0.3").Refused();

        Assert.StartsWith("rebound: Rank 1 did not reach the others at 127.0.0.1:", alone, StringComparison.Ordinal);
        Assert.Contains("by MASTER_ADDR and MASTER_PORT", alone, StringComparison.Ordinal);
    }

    [Fact]
    public void Numbers_of_ranks_that_cannot_be_are_refused()
    {
        Assert.Contains("--nproc-per-node is 0; it must be at least 1.", ReboundProcess.Run("ranks", "--nproc-per-node", "0").Refused());
        Assert.Contains("--master-port is 70000", ReboundProcess.Run("ranks", "--master-port", "70000").Refused());
        Assert.Contains("--gpus is ", ReboundProcess.Run("ranks", "--gpus", "some").Refused());
    }

    [Fact]
    public void Doctor_says_which_ranks_a_launcher_means()
    {
        var launched = new Dictionary<string, string> { ["OMPI_COMM_WORLD_RANK"] = "3", ["OMPI_COMM_WORLD_SIZE"] = "2" };

        Assert.Contains(
            "launch              The variable OMPI_COMM_WORLD_RANK is set and OMPI_COMM_WORLD_LOCAL_RANK is not: set both, or neither.",
            ReboundProcess.Run(["doctor"], launched).Succeeded(), StringComparison.Ordinal);
    }

    private static ReboundProcess Launched(int rank, string port, params string[] arguments) => ReboundProcess.Run(
        ["ranks", .. arguments],
        Variables(rank, port));

    private static Dictionary<string, string> Variables(int rank, string port) => new()
    {
        ["RANK"] = $"{rank}",
        ["WORLD_SIZE"] = "2",
        ["LOCAL_RANK"] = $"{rank}",
        ["LOCAL_WORLD_SIZE"] = "2",
        ["MASTER_ADDR"] = "127.0.0.1",
        ["MASTER_PORT"] = port,
    };

    private static async Task PrintedAsync(RunningProcess run, int lines)
    {
        while (run.Printed < lines && !run.HasEnded)
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>The processes of ranks 1 and on, by rank, once all have met and said so.</summary>
    private static async Task<Dictionary<int, int>> ChildrenAsync(RunningProcess run)
    {
        await PrintedAsync(run, 4);
        return Directory.GetDirectories($"/proc/{run.Id}/task")
            .SelectMany(task => File.ReadAllText(Path.Combine(task, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .ToDictionary(RankOf, child => int.Parse(child, CultureInfo.InvariantCulture));
    }

    private static int RankOf(string process) => int.Parse(
        File.ReadAllText($"/proc/{process}/environ").Split('\0').Single(variable => variable.StartsWith("RANK=", StringComparison.Ordinal))[5..],
        CultureInfo.InvariantCulture);

    private static void Signal(string name, int process) =>
        FinishedProcess.Of(new ProcessStartInfo("kill", [$"-{name}", $"{process}"]), "kill");

    /// <summary>Waits for the end of a process that is nobody's child here; a zombie has ended.</summary>
    private static async Task EndOfAsync(int process)
    {
        while (File.Exists($"/proc/{process}/stat") && !File.ReadAllText($"/proc/{process}/stat").Contains(") Z ", StringComparison.Ordinal))
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static void SkipElsewhere() => Assert.SkipUnless(OperatingSystem.IsLinux(), "Processes are looked up as Linux has them.");
}
