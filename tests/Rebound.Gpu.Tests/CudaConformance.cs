using Rebound.Engine;
using Rebound.Engine.Tests.Conformance;

namespace Rebound.Gpu.Tests;

/// <summary>The CUDA backend on fp32 tensors, which is compared as tightly as the CPU's.</summary>
public sealed class CudaConformance() : BackendConformance(() => Gpu.Shared, DType.Float32, shared: true);

/// <summary>The CUDA backend on bf16 tensors, as it trains.</summary>
public sealed class CudaBFloat16Conformance() : BackendConformance(() => Gpu.Shared, DType.BFloat16, shared: true);
