namespace Rebound.Engine.Tests.Conformance;

/// <summary>The CPU backend without workers.</summary>
public sealed class CpuConformance() : BackendConformance(() => new CpuBackend(threads: 1));

/// <summary>The CPU backend with more threads than some operations have parts.</summary>
public sealed class ThreadedCpuConformance() : BackendConformance(() => new CpuBackend(threads: 3));
