using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Rebound.Cli.Tests.Ranks;

/// <summary>A Slurm of one node, this machine, from a folder of its own.</summary>
internal sealed class SlurmNode : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rebound-slurm-").FullName;
    private readonly List<Process> _daemons = [];

    /// <summary>Starts it, and returns when the node takes work.</summary>
    public SlurmNode()
    {
        var host = Environment.MachineName.Split('.')[0];
        File.WriteAllText(Configuration, $"""
            ClusterName=rebound
            SlurmctldHost={host}(127.0.0.1)
            SlurmUser=root
            AuthType=auth/none
            CredType=cred/none
            SlurmctldPort={FreePort()}
            SlurmdPort={FreePort()}
            StateSaveLocation={_folder}
            SlurmdSpoolDir={_folder}/spool
            SlurmctldPidFile={_folder}/slurmctld.pid
            SlurmdPidFile={_folder}/slurmd.pid
            ProctrackType=proctrack/linuxproc
            TaskPlugin=task/none
            SwitchType=switch/none
            MpiDefault=none
            SlurmdParameters=config_overrides
            NodeName={host} NodeAddr=127.0.0.1 CPUs=4 State=UNKNOWN
            PartitionName=all Nodes=ALL Default=YES State=UP

            """);
        Start("slurmctld", "-D", "-c");
        Start("slurmd", "-D", "-N", host);
        while (!Run("sinfo", "--noheader", "--format", "%t").Output.StartsWith("idle", StringComparison.Ordinal))
        {
            Assert.All(_daemons, daemon => Assert.False(daemon.HasExited, $"{daemon.StartInfo.FileName} ended."));
            Assert.False(TestContext.Current.CancellationToken.IsCancellationRequested);
            Thread.Sleep(50);
        }
    }

    private string Configuration => Path.Combine(_folder, "slurm.conf");

    /// <summary>Why there is none here; null where there can be.</summary>
    public static string? Absence() =>
        !Array.TrueForAll(["srun", "sinfo", "slurmctld", "slurmd"], LauncherTests.IsInstalled) ? "Slurm is not installed (scripts/launchers)."
        : Environment.UserName != "root" ? "Slurm's daemons want to be started by root."
        : null;

    /// <summary>Runs a command of Slurm's, or one that it starts.</summary>
    public FinishedProcess Run(string command, params string[] arguments) =>
        FinishedProcess.Of(Configured(new ProcessStartInfo(command, arguments)), command);

    public void Dispose()
    {
        foreach (var daemon in _daemons)
        {
            daemon.Kill(entireProcessTree: true);
            daemon.WaitForExit();
            daemon.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private void Start(string daemon, params string[] arguments) =>
        _daemons.Add(Process.Start(Configured(new ProcessStartInfo("bash",
            ["-c", $"exec {daemon} \"$@\" > \"$LOG\" 2>&1", daemon, .. arguments])
        { Environment = { ["LOG"] = Path.Combine(_folder, $"{daemon}.log") } }))!);

    private ProcessStartInfo Configured(ProcessStartInfo start)
    {
        start.Environment["SLURM_CONF"] = Configuration;
        return start;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
