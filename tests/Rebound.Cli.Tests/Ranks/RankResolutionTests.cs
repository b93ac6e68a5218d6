using Rebound.Cli.Ranks;

namespace Rebound.Cli.Tests.Ranks;

/// <summary>Launchers' variables as the launchers set them, and options over them.</summary>
public sealed class RankResolutionTests
{
    [Fact]
    public void Without_variables_and_options_there_is_one_process()
    {
        var plan = Resolve([]);

        Assert.Equal((0, 1, false), (plan.Rank, plan.Size, plan.StartsLocalRanks));
        Assert.Equal("one process, since no launcher's variables are set", plan.Summary);
    }

    [Fact]
    public void Torchrun_counts_ranks_and_its_agent_may_have_the_port()
    {
        (string, string)[] variables =
        [
            ("RANK", "5"), ("WORLD_SIZE", "8"), ("LOCAL_RANK", "1"), ("LOCAL_WORLD_SIZE", "4"), ("GROUP_RANK", "1"),
            ("MASTER_ADDR", "node0"), ("MASTER_PORT", "29500"), ("TORCHELASTIC_RUN_ID", "none"),
        ];

        var plan = Resolve(variables);
        var beside = Resolve([.. variables, ("TORCHELASTIC_USE_AGENT_STORE", "True")]);

        Assert.Equal((5, 8, 1, 4, 2, 1), (plan.Rank, plan.Size, plan.LocalRank, plan.LocalSize, plan.Nodes, plan.NodeRank));
        Assert.Equal(("node0", 29500, "none"), (plan.MasterHost, plan.MasterPort, plan.Job));
        Assert.False(plan.StartsLocalRanks);
        Assert.Equal(29501, beside.MasterPort);
        Assert.Equal(
            "8 ranks (torchrun) on 2 hosts, 4 here; they meet at node0:29500 (MASTER_ADDR and MASTER_PORT); this is rank 5", plan.Summary);
    }

    [Theory]
    [InlineData("auto", 2)]
    [InlineData("gpu", 2)]
    [InlineData("cpu", 1)]
    [InlineData("4", 4)]
    public void Kubeflow_counts_hosts_whose_processes_start_the_ranks(string perHost, int ranksPerHost)
    {
        var plan = Resolve(
            [
                ("PET_NNODES", "3"), ("PET_NPROC_PER_NODE", perHost), ("PET_NODE_RANK", "2"), ("PET_MASTER_ADDR", "job-node-0-0.job"),
                ("PET_MASTER_PORT", "29400"), ("JOB_COMPLETION_INDEX", "2"),
            ],
            gpus: 2);

        Assert.Equal((2 * ranksPerHost, 3 * ranksPerHost, ranksPerHost), (plan.Rank, plan.Size, plan.LocalSize));
        Assert.Equal(("job-node-0-0.job", 29400), (plan.MasterHost, plan.MasterPort));
        Assert.Equal(ranksPerHost > 1, plan.StartsLocalRanks);
    }

    [Fact]
    public void Elastic_numbers_of_hosts_are_refused() => Assert.Contains(
        "PET_NNODES is '1:4'",
        Assert.Throws<InputException>(() => Resolve([("PET_NNODES", "1:4"), ("PET_NODE_RANK", "0")])).Message, StringComparison.Ordinal);

    /// <summary>PyTorchJob sets RANK and WORLD_SIZE, too, and counts hosts by them.</summary>
    [Fact]
    public void A_rank_without_a_local_one_is_a_host()
    {
        var plan = Resolve([("RANK", "1"), ("WORLD_SIZE", "2"), ("MASTER_ADDR", "job-master-0"), ("MASTER_PORT", "23456")], gpus: 8);

        Assert.Equal((8, 16, 8, true), (plan.Rank, plan.Size, plan.LocalSize, plan.StartsLocalRanks));
        Assert.Equal(("job-master-0", 23456), (plan.MasterHost, plan.MasterPort));
    }

    [Fact]
    public void Slurm_meets_at_its_first_host_at_a_port_by_the_jobs_number()
    {
        var plan = Resolve(Slurm());

        Assert.Equal((3, 4, 1, 2, 2, 1), (plan.Rank, plan.Size, plan.LocalRank, plan.LocalSize, plan.Nodes, plan.NodeRank));
        Assert.Equal(("node007", 23765, "slurm 98765.3"), (plan.MasterHost, plan.MasterPort, plan.Job));
        Assert.Contains("Slurm, step 98765.3", plan.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void A_master_that_a_script_exports_counts_under_Slurm()
    {
        var plan = Resolve([.. Slurm(), ("MASTER_ADDR", "10.0.0.7"), ("MASTER_PORT", "6000"), ("RANK", "3"), ("WORLD_SIZE", "4")]);

        Assert.Equal((3, 4, "10.0.0.7", 6000), (plan.Rank, plan.Size, plan.MasterHost, plan.MasterPort));
    }

    [Theory]
    [InlineData("SLURM_JOB_NAME", "bash")]
    [InlineData("SLURM_JOB_NAME", "interactive")]
    [InlineData("SLURM_STEP_ID", "4294967290")]
    [InlineData("SLURM_STEP_ID", "4294967291")]
    [InlineData("SLURM_STEP_ID", "")]
    public void Shells_and_batch_scripts_of_Slurm_started_no_ranks(string name, string value) =>
        Assert.Equal(1, Resolve([.. Slurm().Where(variable => variable.Name != name), ("SLURM_PTY_PORT", "4711"), (name, value)]).Size);

    [Fact]
    public void A_script_that_srun_gives_to_a_shell_is_of_ranks() =>
        Assert.Equal(4, Resolve([.. Slurm().Where(variable => variable.Name != "SLURM_JOB_NAME"), ("SLURM_JOB_NAME", "bash")]).Size);

    [Fact]
    public void One_process_a_host_may_start_the_hosts_ranks()
    {
        (string, string)[] one =
            [("SLURM_PROCID", "1"), ("SLURM_NTASKS", "2"), ("SLURM_LOCALID", "0"), ("SLURM_STEP_ID", "0"), ("SLURM_TASKS_PER_NODE", "1(x2)"),
                ("SLURM_NODEID", "1"), ("SLURM_STEP_NODELIST", "a[1-2]")];

        var plan = Resolve(one, new RankSettings { LocalSize = 8 });

        Assert.Equal((8, 16, true, "a1"), (plan.Rank, plan.Size, plan.StartsLocalRanks, plan.MasterHost));
        Assert.Equal(4, Resolve(OpenMpi(0, size: 1, localSize: 1), new RankSettings { LocalSize = 4 }).Size);
    }

    [Fact]
    public void Open_MPI_on_one_host_needs_no_place_to_meet()
    {
        var plan = Resolve(OpenMpi(1, size: 2, localSize: 2));

        Assert.Equal((1, 2, 1, 1), (plan.Rank, plan.Size, plan.LocalRank, plan.Nodes));
        Assert.Equal(("127.0.0.1", 29500, "47841281"), (plan.MasterHost, plan.MasterPort, plan.Job));
    }

    [Fact]
    public void Open_MPI_on_several_hosts_needs_one()
    {
        var failure = Assert.Throws<InputException>(() => Resolve(OpenMpi(1, size: 4, localSize: 2)));
        var plan = Resolve([.. OpenMpi(1, size: 4, localSize: 2), ("MASTER_ADDR", "a")]);

        Assert.Contains("--master-addr", failure.Message, StringComparison.Ordinal);
        Assert.Equal((2, "a"), (plan.Nodes, plan.MasterHost));
    }

    /// <summary>mpirun starts its ranks by daemons that srun starts, one a host, whose variables the ranks inherit.</summary>
    [Fact]
    public void Open_MPI_within_Slurm_counts() => Assert.StartsWith(
        "2 ranks (Open MPI)", Resolve([.. Slurm(), .. OpenMpi(1, size: 2, localSize: 2)]).Summary, StringComparison.Ordinal);

    [Fact]
    public void Torchrun_within_Slurm_counts() => Assert.StartsWith(
        "2 ranks (torchrun)",
        Resolve([.. Slurm(), ("RANK", "0"), ("WORLD_SIZE", "2"), ("LOCAL_RANK", "0"), ("LOCAL_WORLD_SIZE", "2")]).Summary,
        StringComparison.Ordinal);

    [Fact]
    public void Hydra_and_bare_PMI_are_read()
    {
        var hydra = Resolve([("PMI_RANK", "1"), ("PMI_SIZE", "2"), ("MPI_LOCALRANKID", "1"), ("MPI_LOCALNRANKS", "2")]);
        var bare = Resolve([("PMIX_RANK", "1"), ("WORLD_SIZE", "2"), ("PMIX_LOCAL_RANK", "1"), ("MASTER_ADDR", "a")]);

        Assert.Equal((1, 2, 1), (hydra.Rank, hydra.Size, hydra.LocalRank));
        Assert.Equal((1, 2, "a"), (bare.Rank, bare.Size, bare.MasterHost));
        Assert.Contains(
            "WORLD_SIZE is not", Assert.Throws<InputException>(() => Resolve([("PMIX_RANK", "1")])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SkyPilot_and_dstack_count_hosts()
    {
        var sky = Resolve(
            [
                ("SKYPILOT_NODE_RANK", "1"), ("SKYPILOT_NODE_IPS", "10.0.0.1\n10.0.0.2\n"), ("SKYPILOT_NUM_NODES", "2"),
                ("SKYPILOT_NUM_GPUS_PER_NODE", "8"),
            ]);
        var dstack = Resolve(
            [
                ("DSTACK_NODE_RANK", "0"), ("DSTACK_NODES_NUM", "2"), ("DSTACK_GPUS_PER_NODE", "4"), ("DSTACK_MASTER_NODE_IP", "10.1.0.1"),
                ("DSTACK_NODES_IPS", "10.1.0.1\n10.1.0.2"),
            ]);

        Assert.Equal((8, 16, "10.0.0.1", 29500), (sky.Rank, sky.Size, sky.MasterHost, sky.MasterPort));
        Assert.Equal((0, 8, "10.1.0.1"), (dstack.Rank, dstack.Size, dstack.MasterHost));
        Assert.True(sky.StartsLocalRanks && dstack.StartsLocalRanks);
    }

    [Fact]
    public void An_indexed_job_is_a_host_where_the_number_of_hosts_is_given()
    {
        (string, string)[] variables = [("JOB_COMPLETION_INDEX", "1"), ("MASTER_ADDR", "job-0.job")];

        Assert.Equal(1, Resolve(variables).Size);
        var plan = Resolve(variables, new RankSettings { Nodes = 2 }, gpus: 4);
        Assert.Equal((4, 8, "job-0.job"), (plan.Rank, plan.Size, plan.MasterHost));
    }

    [Fact]
    public void Options_alone_start_ranks_here_or_on_several_hosts()
    {
        var here = Resolve([], new RankSettings { LocalSize = 4 });
        var second = Resolve([], new RankSettings { LocalSize = 4, Nodes = 2, NodeRank = 1, MasterHost = "a", MasterPort = 7000 });

        Assert.Equal((0, 4, true, (int?)null), (here.Rank, here.Size, here.StartsLocalRanks, here.MasterPort));
        Assert.Equal((4, 8, "a", 7000), (second.Rank, second.Size, second.MasterHost, second.MasterPort));
        Assert.Contains("--node-rank", Assert.Throws<InputException>(
            () => Resolve([], new RankSettings { Nodes = 2 })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_come_before_what_a_launcher_says()
    {
        (string, string)[] host = [("RANK", "1"), ("WORLD_SIZE", "2"), ("MASTER_ADDR", "a"), ("MASTER_PORT", "1234")];

        var plan = Resolve(host, new RankSettings { Nodes = 3, NodeRank = 2, LocalSize = 1, MasterHost = "b", MasterPort = 4321 }, gpus: 8);

        Assert.Equal((2, 3, "b", 4321), (plan.Rank, plan.Size, plan.MasterHost, plan.MasterPort));
        Assert.Equal("--master-addr and --master-port", plan.MasterOrigin);
    }

    [Fact]
    public void Options_cannot_change_the_number_of_ranks_that_a_launcher_started()
    {
        var same = Resolve(OpenMpi(1, size: 2, localSize: 2), new RankSettings { LocalSize = 2 });
        var failure = Assert.Throws<InputException>(() => Resolve(OpenMpi(1, size: 2, localSize: 2), new RankSettings { LocalSize = 4 }));

        Assert.Equal(2, same.Size);
        Assert.Equal("--nproc-per-node is 4, but Open MPI has started every rank and says 2: leave it out.", failure.Message);
    }

    [Theory]
    [InlineData("WORLD_SIZE", "two", "The variable WORLD_SIZE is 'two'; it must be a whole number of at least 1.")]
    [InlineData("WORLD_SIZE", "", "The variable RANK is set and WORLD_SIZE is not: set both, or neither.")]
    [InlineData("WORLD_SIZE", "1", "This would be rank 1 of 1 ranks (torchrun); they count from 0.")]
    [InlineData("LOCAL_RANK", "-1", "The variable LOCAL_RANK is '-1'; it must be a whole number of at least 0.")]
    public void Variables_that_cannot_be_are_named(string name, string value, string sentence)
    {
        (string Name, string Value)[] variables = [("RANK", "1"), ("WORLD_SIZE", "2"), ("LOCAL_RANK", "1"), ("LOCAL_WORLD_SIZE", "2")];

        var failure = Assert.Throws<InputException>(() => Resolve([.. variables.Where(variable => variable.Name != name), (name, value)]));

        Assert.Equal(sentence, failure.Message);
    }

    [Theory]
    [InlineData("node1", "node1")]
    [InlineData("node[5-7]", "node5 node6 node7")]
    [InlineData("node[5-6,12],login", "node5 node6 node12 login")]
    [InlineData("gpu-[008-011]", "gpu-008 gpu-009 gpu-010 gpu-011")]
    [InlineData("r[1-2]n[1,3]-ib", "r1n1-ib r1n3-ib r2n1-ib r2n3-ib")]
    [InlineData("a,b[1],c-[2-2].example.org", "a b1 c-2.example.org")]
    public void Slurms_lists_of_hosts_are_written_out(string list, string hosts) =>
        Assert.Equal(hosts.Split(' '), SlurmLists.Hosts(list));

    [Theory]
    [InlineData("node[1-")]
    [InlineData("node[1-2")]
    [InlineData("node1]")]
    [InlineData("node[[1]]")]
    [InlineData("node[a-b]")]
    [InlineData("node[3-1]")]
    [InlineData("node[]")]
    [InlineData("a,,b")]
    [InlineData("")]
    public void Lists_of_hosts_that_are_none_are_refused(string list) => Assert.Contains(
        "--master-addr", Assert.Throws<InputException>(() => SlurmLists.Hosts(list).ToArray()).Message, StringComparison.Ordinal);

    [Fact]
    public void The_first_of_very_many_hosts_is_found_at_once() => Assert.Equal("n1", SlurmLists.FirstHost("n[1-2000000000]"));

    [Theory]
    [InlineData("4(x2),3", 0, 4)]
    [InlineData("4(x2),3", 1, 4)]
    [InlineData("4(x2),3", 2, 3)]
    [InlineData("4(x2),3", 3, null)]
    [InlineData("2", 0, 2)]
    [InlineData("many", 0, null)]
    public void Slurms_numbers_of_tasks_are_read(string list, int node, int? tasks) => Assert.Equal(tasks, SlurmLists.TasksOn(list, node));

    [Theory]
    [InlineData("node1:29500", "node1", 29500)]
    [InlineData("node1", "node1", null)]
    [InlineData("[fe80::1]:400", "fe80::1", 400)]
    [InlineData("fe80::1", "fe80::1", null)]
    public void Endpoints_are_read(string text, string host, int? port) =>
        Assert.Equal(new Endpoint(host, port), Endpoint.Parse(text, "--rdzv-endpoint"));

    [Theory]
    [InlineData("node1:")]
    [InlineData("node1:70000")]
    [InlineData(":1")]
    public void Endpoints_that_are_none_are_refused(string text) =>
        Assert.Throws<InputException>(() => Endpoint.Parse(text, "--rdzv-endpoint"));

    [Fact]
    public void A_process_that_sees_one_GPU_takes_it_whatever_its_number()
    {
        var plan = Resolve(Slurm());

        Assert.Equal(0, RankDevices.IndexFor(plan, visible: 1));
        Assert.Equal(1, RankDevices.IndexFor(plan, visible: 2));
        Assert.Throws<InputException>(() => RankDevices.IndexFor(plan with { LocalRank = 3, LocalSize = 4 }, visible: 2));
    }

    private static (string Name, string Value)[] Slurm() =>
    [
        ("SLURM_PROCID", "3"), ("SLURM_NTASKS", "4"), ("SLURM_LOCALID", "1"), ("SLURM_NODEID", "1"), ("SLURM_STEP_ID", "3"),
        ("SLURM_STEP_NUM_TASKS", "4"), ("SLURM_STEP_NUM_NODES", "2"), ("SLURM_STEP_NODELIST", "node[007-008]"),
        ("SLURM_JOB_NODELIST", "node[006-008]"), ("SLURM_STEP_TASKS_PER_NODE", "2(x2)"), ("SLURM_JOB_ID", "98765"),
        ("SLURM_JOB_NAME", "train"), ("SLURM_LAUNCH_NODE_IPADDR", "192.168.0.1"),
    ];

    private static (string Name, string Value)[] OpenMpi(int rank, int size, int localSize) =>
    [
        ("OMPI_COMM_WORLD_RANK", $"{rank}"), ("OMPI_COMM_WORLD_SIZE", $"{size}"), ("OMPI_COMM_WORLD_LOCAL_RANK", $"{rank}"),
        ("OMPI_COMM_WORLD_LOCAL_SIZE", $"{localSize}"), ("PMIX_RANK", "1"), ("PMIX_NAMESPACE", "47841281"),
    ];

    private static RankPlan Resolve((string Name, string Value)[] variables, RankSettings? settings = null, int gpus = 0) =>
        RankResolution.Resolve(
            variables.GroupBy(variable => variable.Name).ToDictionary(group => group.Key, group => group.Last().Value),
            settings ?? new RankSettings(), gpus);
}
