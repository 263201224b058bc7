//! The connector AIR: ties the start and the end of a segment to public values.

use std::borrow::{Borrow, BorrowMut};
use std::sync::Arc;

use p3_air::{Air, BaseAir, WindowAccess};
use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;
use vm_derive::AlignedBorrow;

use crate::arch::{
    Chip, ChipTraces, ChipUsageGetter, EXECUTION_BUS, GenerationError, MERKLE_BUS, MemoryConfig, PROGRAM_BUS,
    RANGE_BUS, TraceContext,
};
use crate::instructions::{LocalOpcode, SystemOpcode};
use crate::primitives::{names_of, width_of};
use crate::stark::{AirRef, F, Instances, MachineAir, VmAirBuilder};

pub use vm_verifier::{CONNECTOR_PUBLIC_VALUES, ConnectorPublicValues};

/// Columns of the connector's only row.
#[repr(C)]
#[derive(Clone, Copy, Debug, AlignedBorrow)]
pub struct ConnectorCols<T> {
    /// Boolean. Equal to the public value of the same name.
    pub is_terminate: T,
    /// Low 16 bits of the final timestamp. Range-checked.
    pub end_low: T,
    /// High bits of the final timestamp. Range-checked.
    pub end_high: T,
}

/// The connector AIR. It has exactly one row.
#[derive(Clone, Debug)]
pub struct ConnectorAir {
    high_bits: usize,
    tree_height: usize,
}

impl ConnectorAir {
    /// Creates the AIR for a memory configuration.
    pub fn new(config: &MemoryConfig) -> Self {
        Self { high_bits: config.clk_max_bits - 16, tree_height: config.tree_height() }
    }
}

/// Chip of the connector: fills its row for one segment.
pub struct VmConnectorChip {
    air: ConnectorAir,
    state: Option<(ConnectorPublicValues<F>, u32)>,
}

impl VmConnectorChip {
    /// Creates the chip for a memory configuration. [`Self::set_segment`] must follow before the trace is generated.
    pub fn new(config: &MemoryConfig) -> Self {
        Self { air: ConnectorAir::new(config), state: None }
    }

    /// Sets the public values of the segment and the timestamp at which it ends.
    pub fn set_segment(&mut self, public_values: ConnectorPublicValues<F>, end_timestamp: u32) {
        self.state = Some((public_values, end_timestamp));
    }
}

impl ChipUsageGetter for VmConnectorChip {
    fn air_name(&self) -> String {
        self.air.name()
    }
    fn current_trace_height(&self) -> usize {
        1
    }
    fn trace_width(&self) -> usize {
        self.air.width()
    }
}

impl Chip for VmConnectorChip {
    fn air(&self) -> AirRef {
        Arc::new(self.air.clone())
    }

    fn generate_traces(&mut self, _ctx: &TraceContext<'_>) -> Result<ChipTraces, GenerationError> {
        let (public_values, end) = self
            .state
            .take()
            .ok_or_else(|| GenerationError::Internal("the segment of the connector is not set".to_owned()))?;
        let mut values = F::zero_vec(self.air.width());
        let cols: &mut ConnectorCols<F> = values.as_mut_slice().borrow_mut();
        cols.is_terminate = public_values.is_terminate;
        cols.end_low = F::from_u32(end & 0xffff);
        cols.end_high = F::from_u32(end >> 16);
        let trace = RowMajorMatrix::new(values, self.air.width());
        Ok(ChipTraces { traces: vec![trace], public_values: public_values.to_vec() })
    }
}

impl BaseAir<F> for ConnectorAir {
    fn width(&self) -> usize {
        width_of::<ConnectorCols<u8>>()
    }
    fn num_public_values(&self) -> usize {
        CONNECTOR_PUBLIC_VALUES
    }
}

impl MachineAir for ConnectorAir {
    fn name(&self) -> String {
        vm_verifier::CONNECTOR_AIR.to_owned()
    }
    fn column_names(&self) -> Vec<String> {
        names_of::<ConnectorCols<u8>>()
    }
    // Soundness (M17): a second connector would start a second thread of execution.
    fn instances(&self) -> Instances {
        Instances::Single
    }
    fn required(&self) -> bool {
        true
    }
    // Soundness (M25): every further row would start a further thread of execution.
    fn fixed_log_height(&self) -> Option<usize> {
        Some(0)
    }
}

impl<AB: VmAirBuilder> Air<AB> for ConnectorAir {
    fn eval(&self, builder: &mut AB) {
        let main = builder.main();
        let local: &ConnectorCols<AB::Var> = main.current_slice().borrow();
        let public: Vec<AB::Expr> = builder.public_values().iter().map(|x| (*x).into()).collect();
        let [initial_pc, final_pc, exit_code, is_terminate] = [0, 1, 2, 3].map(|i| public[i].clone());

        // Soundness (M26): the flag is boolean and public. It is also the multiplicity of the query for TERMINATE
        // below.
        builder.assert_bool(local.is_terminate);
        builder.assert_eq(local.is_terminate, is_terminate);

        // Soundness (M4, M25): time starts at the constant 1 and ends below 2^clk_max_bits. The range checks are
        // unconditional, so they hold for suspended segments, too.
        RANGE_BUS.query(builder, [local.end_low.into(), AB::Expr::from_u8(16)], AB::Expr::ONE);
        RANGE_BUS.query(builder, [local.end_high.into(), AB::Expr::from_usize(self.high_bits)], AB::Expr::ONE);
        let end = local.end_high * AB::Expr::from_u32(1 << 16) + local.end_low;
        EXECUTION_BUS.send(builder, [initial_pc, AB::Expr::ONE], AB::Expr::ONE);
        EXECUTION_BUS.receive(builder, [final_pc.clone(), end], AB::Expr::ONE);

        let opcode = AB::Expr::from_u32(SystemOpcode::TERMINATE.global_opcode().as_u32());
        let fields = [final_pc, opcode, exit_code].into_iter().chain(std::iter::repeat_n(AB::Expr::ZERO, 6));
        PROGRAM_BUS.query(builder, fields, local.is_terminate);

        // Soundness (M10): this is the only message for a root. Its height and its label are constants.
        let root = [AB::Expr::from_usize(self.tree_height), AB::Expr::ZERO];
        MERKLE_BUS.send(builder, root.into_iter().chain(public[4..].iter().cloned()), AB::Expr::ONE);
    }
}
