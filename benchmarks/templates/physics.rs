//! Simulates falling boxes with rapier.

use rapier2d::prelude::*;

pub(super) fn draw(pixels: &mut [u32], width: usize, height: usize, tick: u64) {
    let mut world = PhysicsWorld::default();
    let floor = ColliderBuilder::cuboid(width as f32, 0.5).build();
    world.colliders.insert(floor);
    let mut boxes = Vec::new();
    for number in 0..4 {
        let place = Vector::new(10.0 + number as f32 * 20.0, 4.0 + (tick % 16) as f32);
        let body = RigidBodyBuilder::dynamic().translation(place).build();
        let body = world.bodies.insert(body);
        let shape = ColliderBuilder::cuboid(1.0, 1.0).restitution(0.7).build();
        world.colliders.insert_with_parent(shape, body, &mut world.bodies);
        boxes.push(body);
    }
    world.step();
    for body in boxes {
        let place = world.bodies[body].translation();
        let column = (place.x.max(0.0) as usize).min(width - 1);
        let row = height.saturating_sub(place.y.max(0.0) as usize).clamp(1, height) - 1;
        pixels[row * width + column] = 0xf0_f0_f0;
    }
}
