using Rebound.Bench;

switch (args)
{
    case ["gemm", .. var rest]:
        return GemmBench.Run(rest);
    default:
        Console.Error.WriteLine("usage: Rebound.Bench gemm [--threads N] [--few-rows] [--peer COMMAND [ARGUMENT ...]]");
        return 2;
}
