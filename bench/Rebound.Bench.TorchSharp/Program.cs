using Rebound.Bench.TorchSharp;

// A peer of `Rebound.Bench steps`, which starts it: training steps of a Llama in TorchSharp. Prints one JSON line.
// usage: Rebound.Bench.TorchSharp SHAPE TOKENS STEPS THREADS      SHAPE: JSON, as StepShape.cs writes it
//        Rebound.Bench.TorchSharp blas THREADS                    how fast its matrix products are
if (NativeLibraries.Absence() is { } absence)
{
    Console.Error.WriteLine(absence);
    return 1;
}

Console.WriteLine(args switch
{
    ["blas", var threads] => MatrixProduct.Measure(int.Parse(threads)),
    [var shape, var tokens, var steps, var threads] =>
        TrainingSteps.Measure(LlamaShape.Parse(shape), int.Parse(tokens), int.Parse(steps), int.Parse(threads)),
    _ => throw new ArgumentException("SHAPE TOKENS STEPS THREADS, or blas THREADS, is what it takes."),
});
return 0;
