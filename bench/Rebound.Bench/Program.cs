using Rebound.Bench;

switch (args)
{
    case ["gemm", .. var rest]:
        return GemmBench.Run(rest);
    case ["ops", .. var rest]:
        return OpsBench.Run(rest);
    case ["cuda-ops", .. var rest]:
        return CudaOpsBench.Run(rest);
    case ["cuda-few-rows", .. var rest]:
        return CudaFewRowsBench.Run(rest);
    case ["cuda-block-rows", .. var rest]:
        return CudaBlockRowsBench.Run(rest);
    case ["cuda-steps", .. var rest]:
        return CudaStepBench.Run(rest);
    case ["cuda-decode", .. var rest]:
        return CudaDecodeBench.Run(rest);
    case ["steps", .. var rest]:
        return StepBench.Run(rest);
    case ["prefill", .. var rest]:
        return PrefillBench.Run(rest);
    case ["tokens", .. var rest]:
        return TokenBench.Run(rest);
    case ["render", .. var rest]:
        return RenderBench.Run(rest);
    case ["grammar", .. var rest]:
        return GrammarBench.Run(rest);
    case ["serve", .. var rest]:
        return ServeBench.Run(rest);
    case ["gateway", .. var rest]:
        return GatewayBench.Run(rest);
    case ["soak", .. var rest]:
        return SoakBench.Run(rest);
    default:
        Console.Error.WriteLine(
            "usage: Rebound.Bench gemm|ops|cuda-ops|cuda-few-rows|cuda-block-rows|cuda-steps|cuda-decode|steps|prefill|tokens|render|grammar|serve|gateway|soak [OPTION ...]");
        return 2;
}
