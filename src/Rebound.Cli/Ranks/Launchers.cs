using System.Globalization;

namespace Rebound.Cli.Ranks;

/// <summary>
/// The launchers that are understood, each by the variables that it sets. A launcher that starts every rank says which one a process is;
/// one that starts a process on each host leaves the host's ranks to that process.
/// </summary>
internal static class Launchers
{
    /// <summary>torch's, and everybody's, where nothing else is said.</summary>
    public const int DefaultPort = 29500;

    private const string Variables = "MASTER_ADDR and MASTER_PORT";

    /// <summary>
    /// Steps of Slurm that nobody started with srun have numbers from here on: the batch script's own, an interactive shell's.
    /// </summary>
    private const long FirstSpecialStep = 4_294_967_290;

    /// <summary>
    /// The first that is present. mpirun goes before Slurm, since it starts its ranks through Slurm where there is one, and they inherit
    /// variables that count hosts; a process that has RANK but no LOCAL_RANK counts as a host (PyTorchJob) only where neither is there,
    /// since scripts for both export RANK, too.
    /// </summary>
    private static readonly Func<LauncherVariables, Launch?>[] Families =
        [Torchrun, KubeflowTrainer, OpenMpi, Hydra, Slurm, Pmi, PyTorchJob, SkyPilot, Dstack, IndexedJob];

    /// <summary>The word of the first launcher that is there; null where none is.</summary>
    /// <exception cref="InputException">Its variables do not go together.</exception>
    public static Launch? Find(LauncherVariables variables) =>
        Families.Select(family => family(variables)).FirstOrDefault(launch => launch is not null);

    /// <summary>Where the launcher's agent has MASTER_PORT itself, ranks meet at the port behind it.</summary>
    private static Launch? Torchrun(LauncherVariables variables)
    {
        if (!variables.HasAll("RANK", "LOCAL_RANK"))
        {
            return null;
        }

        var (rank, size) = (variables.Required("RANK", "LOCAL_RANK"), variables.Required("WORLD_SIZE", "RANK", 1));
        var localRank = variables.Required("LOCAL_RANK", "RANK");
        var localSize = variables.Number("LOCAL_WORLD_SIZE", 1) ?? (size == 1 ? 1 : null);
        var nodeRank = variables.NumberOfAny(0, "GROUP_RANK", "NODE_RANK") ?? (localSize is { } each ? rank / each : null);
        var agentHasPort = string.Equals(variables.Text("TORCHELASTIC_USE_AGENT_STORE"), "true", StringComparison.OrdinalIgnoreCase);
        return new Launch("torchrun")
        {
            Ranks = new LaunchedRank(rank, size, localRank, localSize),
            Nodes = localSize is { } perNode && size % perNode == 0 ? size / perNode : null,
            NodeRank = nodeRank,
            MasterHost = variables.Text("MASTER_ADDR"),
            MasterPort = variables.Number("MASTER_PORT", 1) + (agentHasPort ? 1 : 0),
            MasterOrigin = Variables,
            Job = variables.Text("TORCHELASTIC_RUN_ID") ?? "",
        };
    }

    private static Launch? KubeflowTrainer(LauncherVariables variables)
    {
        if (!variables.Has("PET_NNODES"))
        {
            return null;
        }

        var endpoint = Endpoint.Parse(variables.Text("PET_RDZV_ENDPOINT"), "PET_RDZV_ENDPOINT");
        return new Launch("Kubeflow, PET_NNODES")
        {
            Nodes = FixedNodes(variables, "PET_NNODES"),
            NodeRank = variables.NumberOfAny(0, "PET_NODE_RANK", "JOB_COMPLETION_INDEX"),
            LocalSize = LocalSize(variables, "PET_NPROC_PER_NODE"),
            MasterHost = variables.TextOfAny("PET_MASTER_ADDR", "MASTER_ADDR") ?? endpoint?.Host,
            MasterPort = variables.NumberOfAny(1, "PET_MASTER_PORT", "MASTER_PORT") ?? endpoint?.Port,
            MasterOrigin = "PET_MASTER_ADDR",
            Job = variables.Text("PET_RDZV_ID") ?? "",
        };
    }

    private static Launch? PyTorchJob(LauncherVariables variables) => !variables.HasAll("RANK", "WORLD_SIZE")
        ? null
        : new Launch("a process a host, RANK without LOCAL_RANK")
        {
            Nodes = variables.Number("WORLD_SIZE", 1),
            NodeRank = variables.Number("RANK"),
            LocalSize = LocalSize(variables, "NPROC_PER_NODE"),
            MasterHost = variables.Text("MASTER_ADDR"),
            MasterPort = variables.Number("MASTER_PORT", 1),
            MasterOrigin = Variables,
        };

    private static Launch? OpenMpi(LauncherVariables variables) => !variables.Has("OMPI_COMM_WORLD_RANK")
        ? null
        : Mpi(
            variables, "Open MPI", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_RANK",
            "OMPI_COMM_WORLD_LOCAL_SIZE");

    /// <summary>MPICH's and Intel's mpirun.</summary>
    private static Launch? Hydra(LauncherVariables variables) => !variables.HasAll("PMI_RANK", "MPI_LOCALRANKID")
        ? null
        : Mpi(variables, "MPI (Hydra)", "PMI_RANK", "PMI_SIZE", "MPI_LOCALRANKID", "MPI_LOCALNRANKS");

    /// <summary>Other starters of PMI's or PMIx's ranks, which do not say how many a host has.</summary>
    private static Launch? Pmi(LauncherVariables variables) => variables.NameOfAny("PMI_RANK", "PMIX_RANK") is not { } rank
        ? null
        : Mpi(
            variables, rank == "PMI_RANK" ? "PMI" : "PMIx", rank,
            variables.NameOfAny("PMI_SIZE", "PMIX_SIZE") ?? "WORLD_SIZE",
            variables.NameOfAny("PMI_LOCAL_RANK", "PMIX_LOCAL_RANK", "PALS_LOCAL_RANKID") ?? "LOCAL_RANK", "LOCAL_WORLD_SIZE");

    private static Launch Mpi(
        LauncherVariables variables, string family, string rank, string size, string localRank, string localSize) => new(family)
        {
            Ranks = new LaunchedRank(
                variables.Required(rank, rank), variables.Required(size, rank, 1), variables.Required(localRank, rank),
                variables.Number(localSize, 1)),
            MasterHost = variables.Text("MASTER_ADDR"),
            MasterPort = variables.Number("MASTER_PORT", 1),
            MasterOrigin = Variables,
            Job = variables.TextOfAny("PMIX_NAMESPACE", "OMPI_MCA_ess_base_jobid", "PMI_JOBID") ?? "",
        };

    /// <summary>
    /// A process of <c>srun</c>. A batch script and an interactive shell have Slurm's variables, too, but started no ranks. The port is
    /// the one that PyTorch Lightning takes: 15,000 and the last four digits of the job's number.
    /// </summary>
    private static Launch? Slurm(LauncherVariables variables)
    {
        var step = variables.TextOfAny("SLURM_STEP_ID", "SLURM_STEPID");
        if (!variables.Has("SLURM_PROCID") || step is null || IsShell(variables)
            || (long.TryParse(step, NumberStyles.None, null, out var number) && number >= FirstSpecialStep))
        {
            return null;
        }

        var (rank, localRank) = (variables.Required("SLURM_PROCID", "SLURM_STEP_ID"), variables.Required("SLURM_LOCALID", "SLURM_PROCID"));
        var size = variables.Number("SLURM_STEP_NUM_TASKS", 1) ?? variables.Required("SLURM_NTASKS", "SLURM_PROCID", 1);
        var node = variables.Number("SLURM_NODEID");
        var hosts = variables.TextOfAny("SLURM_STEP_NODELIST", "SLURM_NODELIST", "SLURM_JOB_NODELIST");
        var tasks = variables.TextOfAny("SLURM_STEP_TASKS_PER_NODE", "SLURM_TASKS_PER_NODE");
        var job = variables.TextOfAny("SLURM_JOB_ID", "SLURM_JOBID");
        return new Launch($"Slurm, step {job ?? "?"}.{step}")
        {
            Ranks = new LaunchedRank(rank, size, localRank, tasks is null ? null : SlurmLists.TasksOn(tasks, node ?? 0)),
            Nodes = variables.NumberOfAny(1, "SLURM_STEP_NUM_NODES", "SLURM_NNODES", "SLURM_JOB_NUM_NODES"),
            NodeRank = node,
            MasterHost = variables.Text("MASTER_ADDR") ?? (hosts is null ? null : SlurmLists.FirstHost(hosts)),
            MasterPort = variables.Number("MASTER_PORT", 1) ?? SlurmPort(job),
            MasterOrigin = variables.Has("MASTER_ADDR") ? Variables : "the first of Slurm's hosts, a port by the job's number",
            Job = $"slurm {job}.{step}",
        };
    }

    /// <summary>
    /// A job of this name is a shell that somebody types into, as <c>srun --pty bash</c> starts it; several tasks without a terminal are
    /// the ranks of <c>srun bash script</c>.
    /// </summary>
    private static bool IsShell(LauncherVariables variables) => variables.Text("SLURM_JOB_NAME") is "bash" or "interactive"
        && (variables.Has("SLURM_PTY_PORT") || variables.NumberOfAny(1, "SLURM_STEP_NUM_TASKS", "SLURM_NTASKS") is null or 1);

    private static int? SlurmPort(string? job) =>
        job is { Length: > 0 } && int.TryParse(job[^Math.Min(4, job.Length)..], NumberStyles.None, null, out var digits)
            ? 15_000 + digits
            : null;

    private static Launch? SkyPilot(LauncherVariables variables) => !variables.Has("SKYPILOT_NODE_RANK")
        ? null
        : new Launch("SkyPilot")
        {
            Nodes = variables.Required("SKYPILOT_NUM_NODES", "SKYPILOT_NODE_RANK", 1),
            NodeRank = variables.Number("SKYPILOT_NODE_RANK"),
            LocalSize = LocalSize(variables, "SKYPILOT_NUM_GPUS_PER_NODE"),
            MasterHost = FirstLine(variables.Text("SKYPILOT_NODE_IPS")),
            MasterPort = variables.Number("MASTER_PORT", 1),
            MasterOrigin = "the first of SKYPILOT_NODE_IPS",
            Job = variables.Text("SKYPILOT_TASK_ID") ?? "",
        };

    private static Launch? Dstack(LauncherVariables variables) => !variables.Has("DSTACK_NODE_RANK")
        ? null
        : new Launch("dstack")
        {
            Nodes = variables.Required("DSTACK_NODES_NUM", "DSTACK_NODE_RANK", 1),
            NodeRank = variables.Number("DSTACK_NODE_RANK"),
            LocalSize = LocalSize(variables, "DSTACK_GPUS_PER_NODE"),
            MasterHost = variables.Text("DSTACK_MASTER_NODE_IP") ?? FirstLine(variables.Text("DSTACK_NODES_IPS")),
            MasterPort = variables.Number("MASTER_PORT", 1),
            MasterOrigin = "DSTACK_MASTER_NODE_IP",
            Job = variables.TextOfAny("DSTACK_RUN_ID", "DSTACK_RUN_NAME") ?? "",
        };

    /// <summary>
    /// A pod of Kubernetes' Indexed Job. Jobs of one pod after the other have the index, too: several ranks are meant where their number
    /// is given.
    /// </summary>
    private static Launch? IndexedJob(LauncherVariables variables) => !variables.Has("JOB_COMPLETION_INDEX")
        ? null
        : new Launch("an Indexed Job")
        {
            NodeRank = variables.Number("JOB_COMPLETION_INDEX"),
            MasterHost = variables.Text("MASTER_ADDR"),
            MasterPort = variables.Number("MASTER_PORT", 1),
            MasterOrigin = Variables,
            NeedsNodes = true,
        };

    /// <summary>A fixed number of hosts: torchrun's elastic <c>1:4</c> is none.</summary>
    private static int? FixedNodes(LauncherVariables variables, string name) => variables.Text(name) is { } text
        && text.Split(':') is [var least, var most]
            ? least == most && int.TryParse(least, NumberStyles.None, null, out var fixedNumber)
                ? fixedNumber
                : throw new InputException($"The variable {name} is '{text}'; a run has a fixed number of hosts, such as {most}.")
            : variables.Number(name, 1);

    /// <summary>Ranks of a host; null for one a GPU.</summary>
    private static int? LocalSize(LauncherVariables variables, string name) => variables.Text(name) switch
    {
        null or "auto" or "gpu" or "0" => null,
        "cpu" => 1,
        _ => variables.Number(name, 1),
    };

    private static string? FirstLine(string? lines) =>
        lines?.Split(['\n', ' ', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).FirstOrDefault();
}
