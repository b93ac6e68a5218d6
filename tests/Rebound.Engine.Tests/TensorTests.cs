namespace Rebound.Engine.Tests;

public sealed class TensorTests
{
    [Fact]
    public void Host_access_to_device_memory_is_refused_by_name()
    {
        var tensor = new Tensor(address: 64, new Shape(4, 6), DType.Float32, new Device("GPU 0, a GPU"));
        var exception = Assert.Throws<DeviceException>(() => tensor.Rows(1, 2).AsSpan<float>());
        Assert.Equal(
            "AsSpan: Float32[2, 6] must be in host memory, but is in GPU 0, a GPU; CopyToHost and CopyFromHost move it.",
            exception.Message);
        Assert.Equal(("AsSpan", "Float32[2, 6]"), (exception.Operation, exception.Tensor));
    }

    [Fact]
    public void Reinterpreting_keeps_bytes_and_refuses_elements_of_another_size()
    {
        var tensor = new Tensor(address: 64, new Shape(3), DType.UInt16, Device.Host);
        Assert.Equal("BFloat16[3]", tensor.Reinterpret(DType.BFloat16).ToString());
        Assert.Throws<ShapeException>(() => tensor.Reinterpret(DType.Float32));
    }
}
